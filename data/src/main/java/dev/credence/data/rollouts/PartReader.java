package dev.credence.data.rollouts;

import dev.credence.core.audit.RolloutLog;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.files.DuckDb;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log in pieces, file by file, and puts the pieces of one step together: what {@link RolloutLogReader} does at once, by the
 * same workers and the same assembly, for logs that are larger than a machine or not yet whole.
 *
 * <p>What a step's log looks like also depends on the others: a reward that one record of any step lacks is none of the log's, and
 * token counts are known where every record has one. {@link #join} says what holds of its step ({@link Agreement}); where the
 * steps' differ, it is asked again with what holds of all, {@link Agreement#and}.
 */
public final class PartReader {
    private static final int ROWS = 8192;

    private final ReadOptions options;
    private final PathIndex paths;

    /**
     * A reader.
     *
     * @param options how to read; threads and the seed of a file do not depend on who reads it
     */
    public PartReader(ReadOptions options) {
        this.options = options;
        Set<String> extras = new LinkedHashSet<>();
        options.rewards().values().forEach(expression -> extras.addAll(expression.fields()));
        this.paths = new PathIndex(options.fields(), List.copyOf(extras));
    }

    /**
     * Reads one file. A rule that it breaks is among the facts, since it depends on the other files which is to be told.
     *
     * @param name as the user gave it
     * @param number in the order of the log's files, from 0
     * @param file where it lies
     * @return its parts, a part a step
     * @throws IOException if reading fails
     */
    public FileRead read(String name, int number, Path file) throws IOException {
        try (LogInput input = new LogInput(name, file)) {
            try {
                RewardSchema schema = new RewardSchema();
                LogWorker worker = new LogWorker(options, schema, paths);
                Chunks chunks = new Chunks(name, number, worker, schema);
                if (input.kind() == LogInput.Kind.LINES) {
                    chunks.lines(input.bytes());
                } else {
                    chunks.rows(file);
                }
                return chunks.read(input.provenance());
            } catch (PackedDataException e) {
                throw input.cause(e.refusal(name, 0));
            } catch (InputException e) {
                throw input.cause(e);
            }
        } catch (InputException e) {
            return new FileRead(FileRead.Facts.broken(name, number, e), List.of());
        } catch (PackedDataException e) { // in its first bytes
            return new FileRead(FileRead.Facts.broken(name, number, e.refusal(name, 0)), List.of());
        }
    }

    /** The reading of one file, chunk by chunk. */
    private final class Chunks {
        private final String name;
        private final int number;
        private final LogWorker worker;
        private final RewardSchema schema;
        private final List<RecordBlock> blocks = new ArrayList<>();
        private final List<String> first = new ArrayList<>();
        private final Map<String, String> missing = new LinkedHashMap<>();
        private long chunk;
        private long records;
        private long skipped;
        private long unweighted;
        private long sentinels;
        private String firstSentinel = "";
        private String leftOut = "";

        Chunks(String name, int number, LogWorker worker, RewardSchema schema) {
            this.name = name;
            this.number = number;
            this.worker = worker;
            this.schema = schema;
        }

        void lines(InputStream in) throws IOException {
            LineChunks source = new LineChunks(name, in);
            LineChunks.Chunk lines = new LineChunks.Chunk();
            while (source.next(lines)) {
                worker.begin(name, number, chunk);
                worker.readLines(lines);
                take(worker.finish());
            }
        }

        void rows(Path file) throws IOException {
            RewardMode mode = options.rewards().isEmpty() ? RewardMode.REQUIRED : RewardMode.OPTIONAL;
            try (ParquetLog rows = new ParquetLog(name, file, paths, mode, worker.tables())) {
                long row = 1;
                int read = ROWS;
                while (read == ROWS) {
                    worker.begin(name, number, chunk);
                    read = worker.readRows(rows, row, ROWS);
                    row += read;
                    take(worker.finish());
                }
            } catch (SQLException e) {
                throw new InputException(
                        name, 0, "", "unreadable Parquet (" + DuckDb.cause(e) + ")", "the file must be whole");
            }
        }

        private void take(LogWorker.ChunkResult result) {
            schema.finish(chunk++);
            if (result.block().size > 0) {
                blocks.add(result.block());
                records += result.block().size;
            }
            skipped += result.bad().count();
            result.bad().first().stream()
                    .limit(LogRead.Skipped.LISTED - first.size())
                    .forEach(first::add);
            unweighted += result.unweighted();
            LogWorker.Oddities odd = result.oddities();
            firstSentinel = sentinels == 0 ? odd.firstSentinel() : firstSentinel;
            sentinels += odd.sentinels();
            leftOut = leftOut.isEmpty() ? odd.leftOut() : leftOut;
            odd.missing().forEach(missing::putIfAbsent);
        }

        FileRead read(Provenance.Input stored) {
            List<String> names = new RewardNames(
                            schema.names(), List.copyOf(options.rewards().keySet()))
                    .all();
            FileRead.Oddities oddities = new FileRead.Oddities(sentinels, firstSentinel, leftOut, missing);
            FileRead.Facts facts = new FileRead.Facts(
                    name,
                    number,
                    stored.bytes(),
                    stored.sha256(),
                    records,
                    blocks.isEmpty() ? 0 : blocks.get(0).cellLines[0],
                    schema.names(),
                    skipped,
                    first,
                    unweighted,
                    oddities,
                    null);
            return new FileRead(facts, LogPart.cut(name, number, names, blocks));
        }
    }

    /**
     * What holds of every record of some steps, so that their logs look alike.
     *
     * @param file the number of the first file, which orders the rewards
     * @param rewards the log's own that every record has
     * @param tokens whether every record has its tokens counted
     * @param klTokens whether some record has its next-token divergences
     * @param groups whether some record names a group
     * @param texts whether some record has a text
     * @param others names of the sources beyond prior and policy whose log-probabilities are known
     * @param thinnedBy positions of the rewards that decided which draws were kept; empty where all were
     * @serial exclude
     */
    public record Agreement(
            int file,
            List<String> rewards,
            boolean tokens,
            boolean klTokens,
            boolean groups,
            boolean texts,
            Set<String> others,
            List<Integer> thinnedBy)
            implements Serializable {
        /**
         * What holds of both.
         *
         * @param other of other steps
         * @return of all of them
         * @throws InputException if draws were thinned by one reward here and by another there
         */
        public Agreement and(Agreement other) {
            if (file > other.file) {
                return other.and(this);
            }
            List<String> both = new ArrayList<>(rewards);
            both.retainAll(other.rewards);
            Set<String> sources = new TreeSet<>(others);
            sources.addAll(other.others);
            if (!thinnedBy.isEmpty() && !other.thinnedBy.isEmpty() && !thinnedBy.equals(other.thinnedBy)) {
                throw InputException.ofSetting(
                        "engine",
                        "reading the steps apart",
                        "draws were kept by another reward in some steps than in others; such a log is read at once, by the"
                                + " local engine");
            }
            return new Agreement(
                    file,
                    List.copyOf(both),
                    tokens && other.tokens,
                    klTokens || other.klTokens,
                    groups || other.groups,
                    texts || other.texts,
                    Collections.unmodifiableSet(sources),
                    thinnedBy.isEmpty() ? other.thinnedBy : thinnedBy);
        }

        /**
         * Whether a step that was put together by what holds of itself would be the same by what holds of all.
         *
         * @param all of all steps
         * @return whether it need not be put together again
         */
        public boolean suits(Agreement all) {
            return rewards.equals(all.rewards)
                    && tokens == all.tokens
                    && klTokens == all.klTokens
                    && groups == all.groups
                    && texts == all.texts
                    && (others.size() > 1) == (all.others.size() > 1);
        }
    }

    /**
     * One step's log.
     *
     * @param step the step with its records
     * @param files what each file holds of it
     * @param notes sentences for whoever reads the figures
     * @param holds what holds of its records
     * @param prompts how each is weighted
     */
    public record Joined(
            LogRead.StepLog step,
            List<LogRead.FileRecords> files,
            List<String> notes,
            Agreement holds,
            List<PromptContext> prompts) {
        /**
         * The same with what each file holds of more than this.
         *
         * @param all what each holds
         * @return the same step
         */
        public Joined withFiles(List<LogRead.FileRecords> all) {
            return new Joined(step, all, notes, holds, prompts);
        }
    }

    /**
     * What must be the same of a prompt in all steps.
     *
     * @param prompt a hash of its text
     * @param heldOut whether it is held out
     * @param weight as its records have it, NaN where they have none
     * @serial exclude
     */
    public record PromptContext(long prompt, boolean heldOut, double weight) implements Serializable {
        private static PromptContext of(LogCells.Cell cell) {
            return of(cell.prompt, cell.context);
        }

        static PromptContext of(String prompt, WorkerTables.Context context) {
            long hash = 1125899906842597L;
            for (int i = 0; i < prompt.length(); i++) {
                hash = 31 * hash + prompt.charAt(i);
            }
            return new PromptContext(hash, context.heldOut(), context.weight());
        }
    }

    /**
     * Puts the parts of one step together.
     *
     * @param parts all of the step, in any order
     * @param agreed what holds of all steps, or null to take what holds of this one
     * @return the step's log
     * @throws InputException if the records contradict each other
     */
    public Joined join(List<LogPart> parts, @Nullable Agreement agreed) {
        List<LogPart> ordered = new ArrayList<>(parts);
        ordered.sort(Comparator.comparingInt(LogPart::number));
        List<String> computed = List.copyOf(options.rewards().keySet());
        List<String> own = agreed != null ? agreed.rewards : whole(ordered, computed);
        RewardNames names = new RewardNames(own, computed);
        List<RecordBlock> blocks = new ArrayList<>();
        for (LogPart part : ordered) {
            RecordBlock block = part.block(names.all());
            if (agreed != null) {
                lookAlike(block, agreed);
            }
            blocks.add(block);
        }
        boolean tokens = blocks.stream().allMatch(block -> block.tokens != null);
        boolean kl = blocks.stream().anyMatch(block -> block.klTokens != null);
        boolean groups = blocks.stream().anyMatch(block -> block.group != null);
        boolean texts = blocks.stream().anyMatch(block -> block.hasText);
        LogAssembler assembler = new LogAssembler(blocks, names, options.badRecords() == ReadOptions.BadRecords.FAIL);
        LogRead.StepLog step = assembler.assemble().get(0);
        Set<String> others = new TreeSet<>();
        for (int s = 2; s < step.log().sources().size(); s++) {
            if (Double.isNaN(step.log().tilts()[s])) {
                others.add(step.log().sources().get(s));
            }
        }
        Agreement holds = new Agreement(
                ordered.get(0).number(),
                own,
                tokens,
                kl,
                groups,
                texts,
                Collections.unmodifiableSet(others),
                assembler.thinnedBy());
        List<PromptContext> prompts =
                assembler.cells().all().stream().map(PromptContext::of).toList();
        return new Joined(step, assembler.cells().files(), assembler.notes(), holds, prompts);
    }

    /** {@return an outline of a step, of which no part was taken in yet} */
    public StepOutline outline() {
        return new StepOutline(List.copyOf(options.rewards().keySet()));
    }

    /**
     * Puts the parts of some prompts of a step together.
     *
     * @param parts all records of these prompts, in any order, at least one part
     * @param whole the outline of the step
     * @param agreed what holds of all steps, or null to take what holds of this one
     * @return the log of these prompts, whose weights are those of the whole step; what holds is said of the whole step
     * @throws InputException if the records contradict each other
     */
    public Joined joinShare(List<LogPart> parts, StepOutline whole, @Nullable Agreement agreed) {
        Agreement own = whole.agreement();
        Joined joined = join(parts, agreed == null ? own : agreed);
        RolloutLog log = joined.step.log();
        Map<String, Double> weights = whole.weights();
        List<RolloutLog.Prompt> prompts = log.prompts().stream()
                .map(prompt -> prompt.withWeight(Objects.requireNonNull(weights.get(prompt.text()))))
                .toList();
        RolloutLog share = new RolloutLog(log.rewardNames(), log.sources(), prompts, log.columns(), log.tilts());
        return new Joined(
                new LogRead.StepLog(joined.step.step(), share), joined.files, joined.notes, own, whole.contexts());
    }

    /** The first part's own rewards that every record has. */
    private static List<String> whole(List<LogPart> ordered, List<String> computed) {
        List<String> first = ordered.get(0).rewardNames();
        List<String> settled = first.subList(0, first.size() - computed.size());
        List<String> own = settled.stream()
                .filter(name -> ordered.stream().allMatch(part -> part.isWhole(name)))
                .toList();
        if (own.isEmpty() && !settled.isEmpty() && computed.isEmpty()) {
            throw new InputException(
                    ordered.get(0).file(),
                    0,
                    "reward." + settled.get(0),
                    "missing",
                    "the reward that is audited is on every record, and none is");
        }
        return own;
    }

    private static void lookAlike(RecordBlock block, Agreement agreed) {
        if (!agreed.tokens) {
            block.tokens = null;
        }
        if (agreed.klTokens && block.klTokens == null) {
            block.klTokens = new double[block.size];
            Arrays.fill(block.klTokens, Double.NaN);
        }
        if (agreed.groups && block.group == null) {
            block.group = new int[block.size];
            Arrays.fill(block.group, -1);
        }
        block.hasText |= agreed.texts;
        double[] scored = block.logSource;
        if (scored != null && agreed.others.size() > 1) {
            block.logSource = scored.clone();
            for (int j = 0; j < block.size; j++) {
                block.logSource[j] = block.source(j) < 2 ? Double.NaN : scored[j];
            }
        }
    }

    /**
     * Refuses a file that names its rewards where the first one has a plain number, or the other way round.
     *
     * @param first names of the rewards of the first file that has records
     * @param file another
     * @throws InputException if they do not go together
     */
    public static void refuseMixed(List<String> first, FileRead.Facts file) {
        try {
            RewardSchema.check(first, file.rewards());
        } catch (BadRecord e) {
            throw new InputException(file.name(), file.line(), e.field(), e.value(), e.rule());
        }
    }

    /**
     * What a reader of the figures must know of the files together.
     *
     * @param facts of every file, in order
     * @param files how many records each holds, by source
     * @param notes sentences of the steps
     * @return without the steps' records
     */
    public static LogRead summary(List<FileRead.Facts> facts, List<LogRead.FileRecords> files, List<String> notes) {
        LogOddities oddities = oddities(facts);
        List<String> first = facts.stream()
                .flatMap(file -> file.first().stream())
                .limit(LogRead.Skipped.LISTED)
                .toList();
        return new LogRead(
                List.of(),
                facts.stream().map(FileRead.Facts::input).toList(),
                new LogRead.Skipped(
                        facts.stream().mapToLong(FileRead.Facts::skipped).sum(), first),
                facts.stream().mapToLong(FileRead.Facts::unweighted).sum(),
                files,
                oddities.of(notes));
    }

    private static LogOddities oddities(List<FileRead.Facts> facts) {
        LogOddities oddities = new LogOddities();
        List<String> settled = settled(facts);
        for (FileRead.Facts file : facts) {
            Map<String, String> missing = new LinkedHashMap<>();
            for (String name : settled) {
                String place = file.oddities().missing().get(name);
                if (place != null || (file.records() > 0 && !file.rewards().contains(name))) {
                    missing.put(name, place != null ? place : file.name() + ":" + file.line());
                }
            }
            FileRead.Oddities odd = file.oddities();
            oddities.add(new LogWorker.Oddities(odd.sentinels(), odd.firstSentinel(), odd.leftOut(), missing));
        }
        return oddities;
    }

    /** The rewards of the first record. */
    private static List<String> settled(List<FileRead.Facts> facts) {
        return facts.stream()
                .filter(file -> file.records() > 0)
                .findFirst()
                .map(FileRead.Facts::rewards)
                .orElse(List.of());
    }

    /**
     * Refuses a log that has rewards, but none on every record, where none is computed.
     *
     * @param facts of every file, in order
     * @throws InputException if it is such a log
     */
    public void requireReward(List<FileRead.Facts> facts) {
        RewardNames names =
                new RewardNames(settled(facts), List.copyOf(options.rewards().keySet()));
        oddities(facts).complete(names, List.of());
    }
}
