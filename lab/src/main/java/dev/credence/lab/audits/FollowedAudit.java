package dev.credence.lab.audits;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.StepTexts;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.files.AtomicFile;
import dev.credence.data.files.InputFiles;
import dev.credence.data.rollouts.Field;
import dev.credence.data.rollouts.FileRead;
import dev.credence.data.rollouts.LogPart;
import dev.credence.data.rollouts.LogRead;
import dev.credence.lab.audits.FollowState.Known;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Interruption;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The audit of a folder into which a trainer is still writing: each step is audited once its records are there, by itself, so that a
 * new step costs the reading of its own files. What was audited is kept in a folder; begun again with the same question, only new
 * and changed files are read.
 *
 * <p>A file is read when it has not changed for a while, and again when it changes later; a step whose records are others than
 * before is audited again. A file that breaks a rule may be half written: it is left out until it changes, and refused in the end.
 * Figures are those of the whole log's audit where the steps' records have the same fields; a reward that a later step lacks stays
 * one of the earlier steps.
 */
public final class FollowedAudit {
    private static final String STEPS = "steps";
    private static final long CACHED = 4_000_000; // records whose parts are kept between reading and auditing

    private final Path watched;
    private final LogReading reading;
    private final Path kept;
    private final Pace pace;
    private final Listener progress;

    /**
     * How long to wait.
     *
     * @param look between two looks at the folder
     * @param settled for which a file must not have changed before it is read
     * @param idle after which nothing more is expected; zero to follow until interrupted
     */
    public record Pace(Duration look, Duration settled, Duration idle) {}

    /**
     * Where it ended.
     *
     * @param outcome all steps
     * @param held the audit that thresholds speak of: the step that failed, or else the last
     */
    public record Ended(AuditOutcome outcome, StepAudit held) {}

    /** Takes what is known so far, whenever it has changed. */
    @FunctionalInterface
    public interface Taker {
        /**
         * Takes it.
         *
         * @param outcome the steps audited so far
         * @throws IOException if it cannot be written
         */
        void take(AuditOutcome outcome) throws IOException;
    }

    /**
     * A folder that is to be followed.
     *
     * @param watched the folder; it may not be there yet
     * @param reading how its files are read
     * @param kept folder for what was audited: new, or that of an earlier call with the same question
     * @param pace how long to wait
     * @param progress takes a line a step, and warnings; may stop it
     */
    public FollowedAudit(Path watched, LogReading reading, Path kept, Pace pace, Listener progress) {
        this.watched = watched;
        this.reading = reading;
        this.kept = kept;
        this.pace = pace;
        this.progress = progress;
    }

    /**
     * Follows the folder until nothing comes any more, or a step fails.
     *
     * @param request what is asked of each step
     * @param fails whether a step's audit ends it
     * @param taker takes what is known so far
     * @return where it ended
     * @throws IOException if something cannot be read or written
     * @throws InputException if the folder holds no step's records in the end, or files that break a rule
     * @throws InterruptedRunException if it was stopped; the same call goes on
     */
    public Ended follow(AuditRequest request, Predicate<StepAudit> fails, Taker taker) throws IOException {
        Files.createDirectories(kept.resolve(STEPS));
        try (Interruption interruption = Interruption.watch()) {
            return new Watch(
                            request,
                            FollowState.open(kept, asked(watched, reading, request), words(watched, request)),
                            interruption)
                    .run(fails, taker);
        }
    }

    /**
     * Whether a folder keeps what was audited of another by the same question, so that the following goes on in it.
     *
     * @param kept the folder
     * @param watched the folder that is followed
     * @param reading how its files are read
     * @param request what is asked of each step
     * @return whether it does; one in which nothing has been kept yet does too
     * @throws IOException if it cannot be read
     */
    public static boolean continues(Path kept, Path watched, LogReading reading, AuditRequest request)
            throws IOException {
        return Files.isDirectory(kept.resolve(STEPS)) && FollowState.isOf(kept, asked(watched, reading, request));
    }

    /**
     * Why a folder is not one to go on in, and what to do.
     *
     * @param kept the folder of a run
     * @param watched the folder that is to be followed
     * @param request what is asked now
     * @return a rule for a person
     * @throws IOException if it cannot be read
     */
    public static String refusal(Path kept, Path watched, AuditRequest request) throws IOException {
        String then = FollowState.words(kept);
        String now = words(watched, request);
        if (then.isEmpty()) {
            return "there is such a run, which keeps no followed audits; no run is written over: name another";
        }
        return "that run keeps the audits of " + then + "; asked is now "
                + (then.equals(now) ? "the same of records that are read otherwise" : now)
                + ". Ask as then to go on with it, or name another run";
    }

    /** The question for a person: what is not said is the standard. */
    private static String words(Path watched, AuditRequest request) {
        AuditRequest standard = AuditRequest.standard();
        StringJoiner words = new StringJoiner(", ");
        words.add(watched.toAbsolutePath().normalize().toString());
        words.add(request.reward() == null ? "its only reward" : "reward " + request.reward());
        words.add(request.beta() == null ? "no beta" : "beta " + request.beta());
        if (request.rewardType() != standard.rewardType()) {
            words.add("reward type " + request.rewardType().name().toLowerCase(Locale.ROOT));
        }
        if (!request.candidates().isEmpty()) {
            words.add("candidates " + String.join(" and ", request.candidates()));
        }
        if (request.range() != null) {
            words.add("rewards within " + request.range().lowest() + " to "
                    + request.range().highest());
        }
        if (request.dropThin()) {
            words.add("thin prompts dropped");
        }
        if (request.aim() != null) {
            words.add("aimed at " + request.aim().evidence());
        }
        if (request.seed() != standard.seed()) {
            words.add("seed " + request.seed());
        }
        return words.toString();
    }

    /** The question, so that figures of another are never taken for its own. */
    private static String asked(Path watched, LogReading reading, AuditRequest request) {
        Map<Field, Map<String, String>> words = new TreeMap<>();
        reading.fields().values().words().forEach((field, of) -> words.put(field, new TreeMap<>(of)));
        return String.join(
                " ",
                watched.toAbsolutePath().normalize().toString(),
                reading.fields().paths().toString(),
                words.toString(),
                reading.badRecords() + (reading.pooling() == LogReading.Pooling.TOGETHER ? " together" : ""),
                request.aimedAt(null).toString(),
                request.aim() == null ? "" : request.aim().evidence());
    }

    private Path file(long step) {
        return kept.resolve(STEPS).resolve(String.format(Locale.ROOT, "%015d.kept", step));
    }

    /** What a step says of a few texts, which later ones are held against. */
    private Path textsFile(long step) {
        return kept.resolve(STEPS).resolve(String.format(Locale.ROOT, "%015d.texts", step));
    }

    /** One file as it lies there. */
    private record Stamp(long bytes, long modified) {}

    private final class Watch {
        private final AuditRequest request;
        private final FollowState state;
        private final Interruption interruption;
        private final Map<String, Stamp> seen = new HashMap<>();
        private final Map<String, Long> since = new HashMap<>();
        private final Map<String, Stamp> tried = new HashMap<>(); // left as they are until they change
        private final Map<String, InputException> broken = new TreeMap<>();
        private final NavigableMap<Long, RuntimeException> refused = new TreeMap<>();
        private final NavigableMap<Long, StepAudit> audits = new TreeMap<>();
        private final Map<Long, StepTexts> texts = new HashMap<>();
        private final LinkedHashMap<String, List<LogPart>> parts = new LinkedHashMap<>();
        private long changed = System.nanoTime();

        Watch(AuditRequest request, FollowState state, Interruption interruption) throws IOException {
            this.request = request;
            this.state = state;
            this.interruption = interruption;
            for (Long step : state.steps()) {
                audits.put(step, AuditJson.read(file(step)).last());
                if (Files.exists(textsFile(step))) {
                    texts.put(step, StepTexts.of(Files.readAllBytes(textsFile(step))));
                }
            }
            if (!audits.isEmpty()) {
                progress.accept("going on: " + audits.size() + " steps are audited, the last is " + audits.lastKey());
            }
        }

        Ended run(Predicate<StepAudit> fails, Taker taker) throws IOException {
            for (Map.Entry<Long, StepAudit> kept : audits.entrySet()) {
                if (fails.test(kept.getValue())) {
                    return new Ended(outcome(), kept.getValue());
                }
            }
            while (true) {
                List<String> files = settled();
                if (!files.isEmpty()) {
                    StepAudit failed = take(files, fails);
                    if (!audits.isEmpty()) {
                        taker.take(outcome());
                    }
                    if (failed != null) {
                        return new Ended(outcome(), failed);
                    }
                    changed = System.nanoTime();
                }
                long idle = pace.idle.toNanos();
                if (idle > 0 && System.nanoTime() - changed > idle) {
                    return ended();
                }
                await();
            }
        }

        private Ended ended() {
            for (InputException rule : broken.values()) {
                throw rule;
            }
            for (RuntimeException why : refused.values()) {
                throw why;
            }
            if (audits.isEmpty()) {
                throw new InputException(
                        watched.toString(),
                        0,
                        "",
                        "no log found",
                        "a folder holds *.jsonl, *.jsonl.gz, *.jsonl.zst or *.parquet");
            }
            return new Ended(outcome(), audits.lastEntry().getValue());
        }

        private void await() {
            try {
                if (!interruption.isAsked() && !progress.isStopped()) {
                    Thread.sleep(pace.look.toMillis());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            check();
        }

        private void check() {
            if (interruption.isAsked() || progress.isStopped()) {
                String words = audits.size() + " steps are audited and kept in " + kept + ": the same command goes on";
                progress.accept("stopped: " + words);
                throw new InterruptedRunException(words);
            }
        }

        /** Files that are new or others than they were read, and have lain still long enough. */
        private List<String> settled() throws IOException {
            List<String> settled = new ArrayList<>();
            long now = System.nanoTime();
            for (String file : present()) {
                Stamp stamp;
                try {
                    stamp = new Stamp(
                            Files.size(Path.of(file)),
                            Files.getLastModifiedTime(Path.of(file)).toMillis());
                } catch (NoSuchFileException e) {
                    continue; // it went while it was looked at
                }
                if (!stamp.equals(seen.put(file, stamp))) {
                    since.put(file, now);
                    changed = state.has(file, stamp.bytes, stamp.modified) ? changed : now;
                }
                boolean isStill = now - since.getOrDefault(file, now) >= pace.settled.toNanos();
                if (isStill && !state.has(file, stamp.bytes, stamp.modified) && !stamp.equals(tried.get(file))) {
                    settled.add(file);
                }
            }
            return settled;
        }

        private List<String> present() {
            if (!Files.isDirectory(watched)) {
                return List.of();
            }
            try {
                return InputFiles.expand(List.of(watched.toString()));
            } catch (InputException e) {
                return List.of(); // nothing yet
            }
        }

        /** Reads files, audits the steps whose records are new, in order; gives the first that fails. */
        private @Nullable StepAudit take(List<String> files, Predicate<StepAudit> fails) throws IOException {
            TreeSet<String> all = new TreeSet<>(state.files());
            all.addAll(files);
            PartedAudit audit = new PartedAudit(List.copyOf(all), request, reading);
            TreeSet<Long> steps = new TreeSet<>();
            parts.clear();
            for (String file : files) {
                check();
                Stamp stamp = seen.get(file);
                FileRead read = read(audit, file);
                if (read != null && stamp != null) {
                    tried.put(file, stamp);
                    steps.addAll(learn(file, stamp, read));
                }
            }
            try {
                for (Long step = steps.pollFirst(); step != null; step = steps.pollFirst()) {
                    StepAudit audited = audit(audit, step);
                    if (audited != null && fails.test(audited)) {
                        return audited;
                    }
                    check();
                }
                return null;
            } finally {
                steps.forEach(state::forget); // those that were not come to
                state.save();
            }
        }

        /** Null where it is gone, or breaks a rule. */
        private @Nullable FileRead read(PartedAudit audit, String file) throws IOException {
            FileRead read;
            try {
                read = audit.read(audit.files().indexOf(file), Path.of(file));
            } catch (NoSuchFileException e) {
                return null;
            }
            InputException rule = read.facts().broken();
            if (rule != null) {
                tried.put(file, seen.getOrDefault(file, new Stamp(-1, -1)));
                if (Files.exists(Path.of(file))) { // one that went away while it was read is nobody's
                    broken.put(file, rule);
                }
                progress.accept("warning: left out until it changes: " + rule.getMessage());
                return null;
            }
            broken.remove(file);
            keep(file, read.parts());
            return read;
        }

        private void keep(String file, List<LogPart> its) {
            parts.put(file, its);
            while (parts.size() > 1
                    && parts.values().stream()
                                    .flatMap(List::stream)
                                    .mapToLong(LogPart::records)
                                    .sum()
                            > CACHED) {
                parts.remove(parts.keySet().iterator().next());
            }
        }

        private List<Long> learn(String file, Stamp stamp, FileRead read) {
            List<Long> steps = new ArrayList<>();
            if (!state.files().contains(file)) {
                state.rename(file, read.facts().sha256());
            }
            Map<Long, Long> before = state.steps(file);
            Map<Long, Long> now = new TreeMap<>();
            for (LogPart part : read.parts()) {
                if (!part.hasStep()) {
                    throw new InputException(
                            file, 0, "step", "missing", "a folder that is followed holds records that name their step");
                }
                long print = part.fingerprint();
                now.put(part.step(), print);
                if (!Long.valueOf(print).equals(before.get(part.step())) || !audits.containsKey(part.step())) {
                    steps.add(part.step());
                }
            }
            before.keySet().stream().filter(step -> !now.containsKey(step)).forEach(steps::add); // written over
            FileRead.Facts facts = read.facts();
            state.put(new Known(
                    file,
                    stamp.bytes,
                    stamp.modified,
                    facts.sha256(),
                    facts.records(),
                    facts.oddities().sentinels(),
                    facts.oddities().firstSentinel(),
                    now));
            if (facts.skipped() > 0) {
                progress.accept("warning: left out " + facts.skipped() + " bad records of " + file);
            }
            return steps;
        }

        private @Nullable StepAudit audit(PartedAudit audit, long step) throws IOException {
            List<LogPart> records = new ArrayList<>();
            long sentinels = 0;
            String first = "";
            for (Known file : state.with(step)) {
                List<LogPart> its = parts.get(file.name());
                if (its == null) {
                    FileRead again = Files.exists(Path.of(file.name())) ? read(audit, file.name()) : null;
                    if (again == null) {
                        state.forget(step); // it is audited once the file lies still, or has come back
                        progress.accept("warning: " + file.name() + " is gone or changes, so that step " + step
                                + " cannot be audited again as yet; its audit stays as it was");
                        return null;
                    }
                    its = again.parts();
                }
                its.stream().filter(part -> part.step() == step).forEach(records::add);
                first = sentinels == 0 ? file.firstSentinel() : first;
                sentinels += file.sentinels();
            }
            if (records.isEmpty()) {
                return gone(step);
            }
            PartedAudit.StepResult result = audit.stepOfItsOwn(records);
            RuntimeException why = result.refused();
            if (why != null) {
                refused.put(step, why);
                state.forget(step);
                progress.accept("warning: step " + step + " is not audited as yet: " + why.getMessage());
                return null;
            }
            refused.remove(step);
            StepAudit audited = result.read().withGate(LogAudit.arrays(new LogRead.Sentinels(sentinels, first)));
            Provenance none = new Provenance("", "", request.seed(), Map.of(), List.of());
            AuditJson.write(
                    new AuditReport(request.beta(), result.reward(), request.rewardType(), List.of(audited), none),
                    file(step));
            audits.put(step, audited);
            keepTexts(step, result.texts());
            state.describe(step, result.reward(), result.described());
            progress.accept("step " + step + ": "
                    + audited.verdict().label().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " · "
                    + result.described());
            return audited;
        }

        private void keepTexts(long step, @Nullable StepTexts its) throws IOException {
            if (its == null) {
                texts.remove(step);
                Files.deleteIfExists(textsFile(step));
            } else {
                texts.put(step, its);
                AtomicFile.write(textsFile(step), out -> out.write(its.toBytes()));
            }
        }

        /** A step of which the files, written over, hold no record any more. */
        private @Nullable StepAudit gone(long step) throws IOException {
            audits.remove(step);
            refused.remove(step);
            state.remove(step);
            Files.deleteIfExists(file(step));
            keepTexts(step, null);
            progress.accept("step " + step + " is gone: its files were written over and hold none of its records");
            return null;
        }

        private AuditOutcome outcome() {
            long last = audits.lastKey();
            return new AuditOutcome(
                    watched.getFileName() == null
                            ? watched.toString()
                            : watched.getFileName().toString(),
                    LogAudit.several(audits.size()) + state.described(last),
                    state.reward(last),
                    StepTexts.compared(
                            List.copyOf(audits.values()),
                            audits.keySet().stream().map(texts::get).toList()),
                    state.inputs());
        }
    }
}
