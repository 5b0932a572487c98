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
import dev.credence.data.rollouts.LogRead;
import dev.credence.lab.audits.FollowState.Known;
import dev.credence.lab.runs.InterruptedRunException;
import dev.credence.lab.runs.Interruption;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.SortedMap;
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

    private final String watched;
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
     * @param watched the folder, of this machine or as an engine reaches it; it may not be there yet
     * @param reading how its files are read
     * @param kept folder for what was audited: new, or that of an earlier call with the same question
     * @param pace how long to wait
     * @param progress takes a line a step, and warnings; may stop it
     */
    public FollowedAudit(String watched, LogReading reading, Path kept, Pace pace, Listener progress) {
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
        try (FollowedFolder folder = new FolderHere(Path.of(watched), pace)) {
            return follow(request, folder, fails, taker);
        }
    }

    /**
     * The same, whose files come by way of an engine, which reads and audits them.
     *
     * @param request what is asked of each step
     * @param folder the folder that is watched
     * @param fails whether a step's audit ends it
     * @param taker takes what is known so far
     * @return where it ended
     * @throws IOException if something cannot be read or written
     * @throws InputException as above
     * @throws InterruptedRunException as above
     */
    public Ended follow(AuditRequest request, FollowedFolder folder, Predicate<StepAudit> fails, Taker taker)
            throws IOException {
        Files.createDirectories(kept.resolve(STEPS));
        try (Interruption interruption = Interruption.watch(progress)) {
            return new Watch(
                            request,
                            FollowState.open(kept, asked(watched, reading, request), words(watched, request)),
                            folder,
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
    public static boolean continues(Path kept, String watched, LogReading reading, AuditRequest request)
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
    public static String refusal(Path kept, String watched, AuditRequest request) throws IOException {
        String then = FollowState.words(kept);
        String now = words(watched, request);
        if (then.isEmpty()) {
            return "there is such a run, which keeps no followed audits; no run is written over: name another";
        }
        return "that run keeps the audits of " + then + "; asked is now "
                + (then.equals(now) ? "the same of records that are read otherwise" : now)
                + ". Ask as then to go on with it, or name another run";
    }

    /** A folder of this machine from its root on, one of a store as it is named. */
    private static String where(String watched) {
        return watched.contains(":/")
                ? watched
                : Path.of(watched).toAbsolutePath().normalize().toString();
    }

    /** The question for a person: what is not said is the standard. */
    private static String words(String watched, AuditRequest request) {
        AuditRequest standard = AuditRequest.standard();
        StringJoiner words = new StringJoiner(", ");
        words.add(where(watched));
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
    private static String asked(String watched, LogReading reading, AuditRequest request) {
        Map<Field, Map<String, String>> words = new TreeMap<>();
        reading.fields().values().words().forEach((field, of) -> words.put(field, new TreeMap<>(of)));
        return String.join(
                " ",
                where(watched),
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

    private final class Watch {
        private final AuditRequest request;
        private final FollowState state;
        private final FollowedFolder folder;
        private final Interruption interruption;
        private final Map<String, InputException> broken = new TreeMap<>();
        private final NavigableMap<Long, RuntimeException> refused = new TreeMap<>();
        private final NavigableMap<Long, StepAudit> audits = new TreeMap<>();
        private final Map<Long, StepTexts> texts = new HashMap<>();
        private long changed = System.nanoTime();

        Watch(AuditRequest request, FollowState state, FollowedFolder folder, Interruption interruption)
                throws IOException {
            this.request = request;
            this.state = state;
            this.folder = folder;
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
                List<FollowedFolder.Arrived> arrived = folder.arrived(state::has);
                if (!arrived.isEmpty()) {
                    StepAudit failed = take(arrived, fails);
                    if (!audits.isEmpty()) {
                        taker.take(outcome());
                    }
                    if (failed != null) {
                        return new Ended(outcome(), failed);
                    }
                    changed = System.nanoTime();
                }
                long idle = pace.idle.toNanos();
                long now = System.nanoTime();
                if (idle > 0 && Math.min(now - changed, now - folder.changed()) > idle) {
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
                        watched.toString(), 0, "", "no log found", InputFiles.folderRule(Path.of(watched)));
            }
            return new Ended(outcome(), audits.lastEntry().getValue());
        }

        private void await() {
            if (!progress.isStopped()) {
                interruption.pause(pace.look);
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

        /** Has files read, audits the steps whose records are new, in order; gives the first that fails. */
        private @Nullable StepAudit take(List<FollowedFolder.Arrived> arrived, Predicate<StepAudit> fails)
                throws IOException {
            Map<String, FollowedFolder.Arrived> stamps = new LinkedHashMap<>();
            arrived.forEach(file -> stamps.put(file.file(), file));
            TreeSet<String> all = new TreeSet<>(state.files());
            all.addAll(stamps.keySet());
            PartedAudit audit = new PartedAudit(List.copyOf(all), request, reading);
            TreeSet<Long> steps = new TreeSet<>();
            check();
            try {
                Iterator<FollowedFolder.Held> read = folder.read(audit, List.copyOf(stamps.keySet()));
                while (read.hasNext()) {
                    FollowedFolder.Held held = read.next();
                    steps.addAll(
                            learn(Objects.requireNonNull(stamps.get(held.facts().name())), held));
                    check();
                }
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
            try {
                folder.prepare(audit, files(steps));
                while (!steps.isEmpty()) {
                    StepAudit audited = audit(audit, steps.first());
                    steps.pollFirst();
                    if (audited != null && fails.test(audited)) {
                        return audited;
                    }
                    check();
                }
                return null;
            } finally {
                steps.forEach(state::forget); // those that were not come to, or not kept
                state.save();
            }
        }

        private SortedMap<Long, List<String>> files(Collection<Long> steps) {
            SortedMap<Long, List<String>> files = new TreeMap<>();
            steps.forEach(step ->
                    files.put(step, state.with(step).stream().map(Known::name).toList()));
            return files;
        }

        /** Steps of which a file holds others than before; none where it breaks a rule, and is left out. */
        private List<Long> learn(FollowedFolder.Arrived stamp, FollowedFolder.Held held) throws IOException {
            FileRead.Facts facts = held.facts();
            String file = facts.name();
            InputException rule = facts.broken();
            if (rule != null) {
                broken.put(file, rule);
                progress.accept("warning: left out until it changes: " + rule.getMessage());
                return List.of();
            }
            broken.remove(file);
            if (!held.namesSteps()) {
                throw new InputException(
                        file, 0, "step", "missing", "a folder that is followed holds records that name their step");
            }
            if (!state.files().contains(file)) {
                state.rename(file, facts.sha256(), folder);
            }
            List<Long> steps = new ArrayList<>();
            Map<Long, Long> before = state.steps(file);
            held.steps().forEach((step, print) -> {
                if (!print.equals(before.get(step)) || !audits.containsKey(step)) {
                    steps.add(step);
                }
            });
            before.keySet().stream()
                    .filter(step -> !held.steps().containsKey(step))
                    .forEach(steps::add); // written over
            state.put(new Known(
                    file,
                    stamp.bytes(),
                    stamp.modified(),
                    facts.sha256(),
                    facts.records(),
                    facts.oddities().sentinels(),
                    facts.oddities().firstSentinel(),
                    held.steps()));
            if (facts.skipped() > 0) {
                progress.accept("warning: left out " + facts.skipped() + " bad records of " + file);
            }
            return steps;
        }

        private @Nullable StepAudit audit(PartedAudit audit, long step) throws IOException {
            long sentinels = 0;
            String first = "";
            List<String> files = new ArrayList<>();
            for (Known file : state.with(step)) {
                files.add(file.name());
                first = sentinels == 0 ? file.firstSentinel() : first;
                sentinels += file.sentinels();
            }
            PartedAudit.StepResult result;
            try {
                result = files.isEmpty() ? null : folder.audit(audit, step, files);
            } catch (NoSuchFileException e) {
                state.forget(step); // it is audited once the file lies still, or has come back
                progress.accept("warning: " + e.getFile() + " is gone or changes, so that step " + step
                        + " cannot be audited again as yet; its audit stays as it was");
                return null;
            }
            if (result == null) {
                return gone(step);
            }
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

        private String name() {
            String folder = watched.replaceFirst("(?<=.)/+$", "");
            return folder.equals("/") ? folder : folder.substring(folder.lastIndexOf('/') + 1);
        }

        private AuditOutcome outcome() {
            long last = audits.lastKey();
            return new AuditOutcome(
                    name(),
                    LogAudit.several(audits.size()) + state.described(last),
                    state.reward(last),
                    StepTexts.compared(
                            List.copyOf(audits.values()),
                            audits.keySet().stream().map(texts::get).toList()),
                    state.inputs());
        }
    }
}
