package dev.credence.data.rollouts;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What one file holds of one step, in columns: the unit in which a log is read in pieces, by several machines or as its files come
 * to be written. Parts of the same step are put together by {@link PartReader#join}, in the order of their files, whatever the
 * order in which they were read; what comes of it is what one reading of all the files gives. About 50 bytes a record and 8 a
 * reward, besides the texts of the reservoirs (at most 200 a prompt and source).
 *
 * @serial exclude
 */
public final class LogPart implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final int number;
    private final List<String> rewardNames;
    private final Step step;

    /** By cell, in order of first appearance. */
    private final ArrayList<Prompt> prompts = new ArrayList<>();

    private final ArrayList<String> sources = new ArrayList<>();
    private final ArrayList<Double> tilts = new ArrayList<>();
    private final ArrayList<String> groups = new ArrayList<>();
    private int size;
    private int[] cell = {};
    private byte[] source = {};
    private double[][] rewards = {};
    private double[] logPrior = {};
    private double[] logPolicy = {};
    private double @Nullable [] logSource;
    private int @Nullable [] tokens;
    private double @Nullable [] klTokens;
    private int @Nullable [] group;
    private long[] text = {};
    private boolean hasText;
    private boolean others;
    private double @Nullable [][] thinning;
    private long[] lines = {};

    /**
     * A prompt of the part: what its records have in common.
     *
     * @param text the prompt
     * @param context as its records give it
     * @param line of its first record
     * @param prior texts of the prior
     * @param policy texts of the policy
     * @serial exclude
     */
    private record Prompt(
            String text, WorkerTables.Context context, long line, TextReservoir prior, TextReservoir policy)
            implements Serializable {}

    private LogPart(String file, int number, List<String> rewardNames, Step step) {
        this.file = file;
        this.number = number;
        this.rewardNames = List.copyOf(rewardNames);
        this.step = step;
    }

    /** {@return whether the records name a step} */
    public boolean hasStep() {
        return step.isNamed;
    }

    /** {@return the step, or 0 where the records name none} */
    public long step() {
        return step.number;
    }

    /** {@return how many records there are} */
    public int records() {
        return size;
    }

    /** {@return the number of its file in the log, from 0} */
    public int number() {
        return number;
    }

    String file() {
        return file;
    }

    /** The names of the rewards' columns, those computed while reading among them. */
    List<String> rewardNames() {
        return rewardNames;
    }

    /** Some records of a block that are of one step, by position. */
    private record Slice(RecordBlock block, int[] records) {}

    /**
     * The step of some records, if they name one.
     *
     * @param isNamed whether they do
     * @param number the step, or 0
     * @serial exclude
     */
    private record Step(boolean isNamed, long number) implements Serializable {
        static Step of(WorkerTables.Context context) {
            return new Step(context.hasStep(), context.step());
        }
    }

    /** The blocks of a file, cut by step; a record without a step and one of step 0 are apart. */
    static List<LogPart> cut(String file, int number, List<String> rewardNames, List<RecordBlock> blocks) {
        Map<Step, List<Slice>> steps = new LinkedHashMap<>();
        for (RecordBlock block : blocks) {
            Map<Step, IntList> records = new LinkedHashMap<>();
            List<IntList> byCell = new ArrayList<>();
            for (int worker : block.cells) {
                Step step = Step.of(block.tables.contexts.get(block.tables.cellContext.get(worker)));
                byCell.add(records.computeIfAbsent(step, any -> new IntList()));
            }
            for (int j = 0; j < block.size; j++) {
                byCell.get(block.cell[j]).add(j);
            }
            records.forEach((step, own) ->
                    steps.computeIfAbsent(step, any -> new ArrayList<>()).add(new Slice(block, own.toArray())));
        }
        List<LogPart> parts = new ArrayList<>();
        steps.forEach((step, slices) -> {
            LogPart part = new LogPart(file, number, rewardNames, step);
            part.fill(slices);
            parts.add(part);
        });
        return parts;
    }

    private void fill(List<Slice> slices) {
        size = slices.stream().mapToInt(slice -> slice.records.length).sum();
        cell = new int[size];
        source = new byte[size];
        rewards = new double[rewardNames.size()][size];
        logPrior = new double[size];
        logPolicy = new double[size];
        text = new long[size];
        logSource = slices.stream().anyMatch(slice -> slice.block.logSource != null) ? new double[size] : null;
        tokens = slices.stream().allMatch(slice -> slice.block.tokens != null) ? new int[size] : null;
        klTokens = slices.stream().anyMatch(slice -> slice.block.klTokens != null) ? new double[size] : null;
        group = slices.stream().anyMatch(slice -> slice.block.group != null) ? new int[size] : null;
        if (slices.stream().anyMatch(slice -> slice.block.thinning != null)) {
            thinning = new double[4][size];
            lines = new long[size];
        }
        WorkerTables tables = slices.get(0).block.tables; // one worker reads a file
        for (int s = 0; s < tables.sources.size(); s++) {
            sources.add(tables.sources.text(s));
            tilts.add(tables.tilt(s));
        }
        Map<Integer, Integer> cells = new HashMap<>();
        Map<Integer, Integer> groupNumbers = new HashMap<>();
        int at = 0;
        for (Slice slice : slices) {
            RecordBlock block = slice.block;
            hasText |= block.hasText;
            others |= block.others;
            for (int j : slice.records) {
                int of = block.cell[j];
                int worker = block.cells[of];
                Integer known = cells.get(worker);
                if (known == null) {
                    known = prompts.size();
                    cells.put(worker, known);
                    prompts.add(new Prompt(
                            tables.prompts.text(tables.cellPrompt.get(worker)),
                            tables.contexts.get(tables.cellContext.get(worker)),
                            block.cellLines[of],
                            tables.priorTexts.get(worker),
                            tables.policyTexts.get(worker)));
                }
                cell[at] = known;
                copy(block, j, at);
                if (group != null) {
                    int[] blocks = block.group;
                    int its = blocks == null ? -1 : blocks[j];
                    group[at] = its < 0
                            ? -1
                            : groupNumbers.computeIfAbsent(its, any -> {
                                groups.add(tables.groups.text(its));
                                return groups.size() - 1;
                            });
                }
                at++;
            }
        }
    }

    private void copy(RecordBlock block, int j, int at) {
        source[at] = block.source[j];
        for (int k = 0; k < rewards.length; k++) {
            rewards[k][at] = block.rewards[k][j];
        }
        logPrior[at] = Objects.requireNonNull(block.logPrior)[j];
        logPolicy[at] = Objects.requireNonNull(block.logPolicy)[j];
        text[at] = block.text[j];
        if (logSource != null) {
            logSource[at] = block.logSource == null ? Double.NaN : block.logSource[j];
        }
        if (tokens != null) {
            tokens[at] = Objects.requireNonNull(block.tokens)[j];
        }
        if (klTokens != null) {
            klTokens[at] = block.klTokens == null ? Double.NaN : block.klTokens[j];
        }
        double[][] thinned = thinning;
        if (thinned != null) {
            ThinningBlock its = block.thinning;
            thinned[0][at] = its == null ? Double.NaN : its.kept[j];
            thinned[1][at] = its == null ? Double.NaN : its.prior[j];
            thinned[2][at] = its == null ? Double.NaN : its.policy[j];
            thinned[3][at] = its == null ? Double.NaN : its.draws[j];
            lines[at] = its == null ? 0 : its.lines[j];
        }
    }

    /**
     * The part as a block with tables of its own, its columns copied where they are changed by putting them together.
     *
     * @param names the columns of rewards that are wanted; one that the part lacks is NaN
     */
    RecordBlock block(List<String> names) {
        WorkerTables tables = new WorkerTables(ValueMap.NONE);
        for (int s = 0; s < sources.size(); s++) {
            tables.sourceOf(sources.get(s), tilts.get(s));
        }
        groups.forEach(tables.groups::number);
        RecordBlock block = new RecordBlock(file, tables, size);
        block.cells = new int[prompts.size()];
        block.cellLines = new long[prompts.size()];
        for (int c = 0; c < prompts.size(); c++) {
            Prompt prompt = prompts.get(c);
            block.cells[c] = tables.cellOf(prompt.text, prompt.context, prompt.prior, prompt.policy);
            block.cellLines[c] = prompt.line;
        }
        block.cell = cell.clone();
        block.source = source;
        block.rewards = new double[names.size()][];
        for (int k = 0; k < names.size(); k++) {
            int own = rewardNames.indexOf(names.get(k));
            block.rewards[k] = own < 0 ? nothing(size) : rewards[own];
        }
        block.logPrior = logPrior;
        block.logPolicy = logPolicy;
        block.logSource = logSource;
        block.tokens = tokens;
        block.klTokens = klTokens;
        block.group = group;
        block.text = text;
        block.hasText = hasText;
        block.others = others;
        double[][] thinned = thinning;
        if (thinned != null) {
            ThinningBlock of = new ThinningBlock();
            of.kept = thinned[0];
            of.prior = thinned[1];
            of.policy = thinned[2];
            of.draws = thinned[3];
            of.lines = lines;
            block.thinning = of;
        }
        return block;
    }

    /** Tells of each prompt, in order of first appearance, what it is and how many records it has. */
    void eachPrompt(PromptTaker taker) {
        int[] records = new int[prompts.size()];
        for (int own : cell) {
            records[own]++;
        }
        for (int c = 0; c < records.length; c++) {
            taker.take(c, prompts.get(c).text, prompts.get(c).context, records[c]);
        }
    }

    /** Takes a prompt of a part. */
    @FunctionalInterface
    interface PromptTaker {
        void take(int place, String text, WorkerTables.Context context, int records);
    }

    boolean hasTokens() {
        return tokens != null;
    }

    boolean hasKlTokens() {
        return klTokens != null;
    }

    boolean hasGroups() {
        return group != null;
    }

    boolean hasText() {
        return hasText;
    }

    /** Whether there are records of prior and policy alone, every draw of which was kept. */
    boolean isPlain() {
        return !others && thinning == null;
    }

    /**
     * The part cut by prompt.
     *
     * @param shareOf which share a prompt is in
     * @param shares how many there are
     * @return (shares) the records of each, in order; null of one that has none
     */
    @Nullable
    LogPart[] cut(ToIntFunction<String> shareOf, int shares) {
        int[] ofCell = new int[prompts.size()];
        int[] cellThere = new int[prompts.size()];
        @Nullable LogPart[] parts = new @Nullable LogPart[shares];
        for (int c = 0; c < ofCell.length; c++) {
            ofCell[c] = shareOf.applyAsInt(prompts.get(c).text);
            LogPart part = parts[ofCell[c]];
            if (part == null) {
                part = new LogPart(file, number, rewardNames, step);
                part.sources.addAll(sources);
                part.tilts.addAll(tilts);
                part.hasText = hasText;
                parts[ofCell[c]] = part;
            }
            cellThere[c] = part.prompts.size();
            part.prompts.add(prompts.get(c));
        }
        IntList[] records = new IntList[shares];
        Arrays.setAll(records, any -> new IntList());
        for (int j = 0; j < size; j++) {
            records[ofCell[cell[j]]].add(j);
        }
        for (int k = 0; k < shares; k++) {
            LogPart part = parts[k];
            if (part != null) {
                part.fill(this, records[k].toArray(), cellThere);
            }
        }
        return parts;
    }

    /** Takes some records of another part; groups are numbered anew, for most are of other prompts. */
    private void fill(LogPart of, int[] records, int[] cellThere) {
        size = records.length;
        cell = new int[size];
        source = new byte[size];
        text = new long[size];
        for (int at = 0; at < size; at++) {
            int j = records[at];
            cell[at] = cellThere[of.cell[j]];
            source[at] = of.source[j];
            text[at] = of.text[j];
        }
        rewards = new double[of.rewards.length][];
        for (int k = 0; k < rewards.length; k++) {
            rewards[k] = some(of.rewards[k], records);
        }
        logPrior = some(of.logPrior, records);
        logPolicy = some(of.logPolicy, records);
        logSource = of.logSource == null ? null : some(of.logSource, records);
        klTokens = of.klTokens == null ? null : some(of.klTokens, records);
        tokens = of.tokens == null ? null : some(of.tokens, records);
        if (of.group != null) {
            int[] own = some(of.group, records);
            Map<Integer, Integer> numbers = new HashMap<>();
            for (int at = 0; at < size; at++) {
                int its = own[at];
                own[at] = its < 0
                        ? -1
                        : numbers.computeIfAbsent(its, any -> {
                            groups.add(of.groups.get(its));
                            return groups.size() - 1;
                        });
            }
            group = own;
        }
    }

    private static double[] some(double[] of, int[] records) {
        return Arrays.stream(records).mapToDouble(j -> of[j]).toArray();
    }

    private static int[] some(int[] of, int[] records) {
        return Arrays.stream(records).map(j -> of[j]).toArray();
    }

    /** Whether every record has a reward. */
    boolean isWhole(String reward) {
        int own = rewardNames.indexOf(reward);
        if (own < 0) {
            return false;
        }
        for (double value : rewards[own]) {
            if (Double.isNaN(value)) {
                return false;
            }
        }
        return true;
    }

    /** {@return a hash of the records' numbers: equal where nothing was added or written anew} */
    public long fingerprint() {
        long hash = size;
        for (Prompt prompt : prompts) {
            hash = 31 * hash + prompt.text.hashCode();
            hash = 31 * hash + prompt.context.hashCode();
        }
        hash = 31 * hash + Arrays.hashCode(cell);
        hash = 31 * hash + Arrays.hashCode(source);
        hash = 31 * hash + Arrays.deepHashCode(rewards);
        hash = 31 * hash + Arrays.hashCode(logPrior);
        hash = 31 * hash + Arrays.hashCode(logPolicy);
        hash = 31 * hash + Arrays.hashCode(logSource);
        hash = 31 * hash + Arrays.hashCode(tokens);
        hash = 31 * hash + Arrays.hashCode(klTokens);
        hash = 31 * hash + Arrays.hashCode(group);
        hash = 31 * hash + Arrays.hashCode(text);
        return 31 * hash + Arrays.deepHashCode(thinning);
    }

    private static double[] nothing(int size) {
        double[] nothing = new double[size];
        Arrays.fill(nothing, Double.NaN);
        return nothing;
    }
}
