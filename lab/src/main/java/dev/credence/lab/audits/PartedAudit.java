package dev.credence.lab.audits;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.AuditReport;
import dev.credence.core.audit.Exchange;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.StepTexts;
import dev.credence.core.posterior.Aim;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.AuditJson;
import dev.credence.data.rollouts.FileRead;
import dev.credence.data.rollouts.LogPart;
import dev.credence.data.rollouts.LogRead;
import dev.credence.data.rollouts.PartReader;
import dev.credence.data.rollouts.StepOutline;
import dev.credence.lab.inputs.RewardMagnitude;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The audit of a log in pieces: files are read one by one, steps audited one by one, by whom and in which order does not matter, and
 * what came of them is put together. Each step is audited by the engine that audits a whole log ({@link Audit}), on its own records;
 * figures are those of {@link LogAudit}. For engines that spread pieces over machines, and for logs that are still being written.
 *
 * @serial exclude
 */
public final class PartedAudit implements Serializable {
    private static final long serialVersionUID = 1L;

    private final List<String> files;
    private final AuditRequest request;
    private final LogReading reading;
    private final boolean isFrugal;

    /**
     * An audit of which nothing has been read yet.
     *
     * @param files of the log, in order; a file's number is its place
     * @param request what is asked
     * @param reading how the files are read
     */
    public PartedAudit(List<String> files, AuditRequest request, LogReading reading) {
        this(files, request.aimedAt(shippable(request.aim())), reading, false);
    }

    private PartedAudit(List<String> files, AuditRequest request, LogReading reading, boolean isFrugal) {
        this.files = List.copyOf(files);
        this.request = request;
        this.reading = reading;
        this.isFrugal = isFrugal;
    }

    /** {@return the same audit, of whose steps no more prompts are asked for than an audit holds, those that tell most} */
    public PartedAudit ofTellingPrompts() {
        return new PartedAudit(files, request, reading, true);
    }

    /** An aim without what is asked of it on tables alone, which cannot be sent to another machine. */
    private static @Nullable Aim shippable(@Nullable Aim aim) {
        return aim == null
                ? null
                : new Aim(aim.evidence(), aim.divergence(), aim.ofReward(), null, aim.noPosterior(), null);
    }

    private LogAudit whole(Consumer<String> warnings) {
        return new LogAudit(files, InputStream.nullInputStream(), reading, warnings);
    }

    private PartReader reader() {
        return new PartReader(reading.options(request.seed(), whole(line -> {}).computed(request)));
    }

    /** {@return the files of the log, in order} */
    public List<String> files() {
        return files;
    }

    /**
     * Reads one file.
     *
     * @param number its number
     * @param file where it lies on this machine
     * @return its parts, a part a step
     * @throws IOException if reading fails
     */
    public FileRead read(int number, Path file) throws IOException {
        return reader().read(files.get(number), number, file);
    }

    /**
     * What holds of all steps.
     *
     * @param records what holds of their records
     * @param isProbability whether the reward is a probability and every one lies between 0 and 1
     * @serial exclude
     */
    public record Agreed(PartReader.Agreement records, boolean isProbability) implements Serializable {
        private Agreed and(Agreed other) {
            return new Agreed(records.and(other.records), isProbability && other.isProbability);
        }
    }

    /**
     * What came of one step; no records, so that thousands fit where one log does not.
     *
     * @param step the step, or null where the records name none
     * @param holds what holds of its records; null where it was refused
     * @param reward name of the audited reward
     * @param audit as a document ({@link AuditJson}), empty where it was refused
     * @param described in words
     * @param files how many records each file holds of it
     * @param notes sentences for whoever reads the figures
     * @param prompts how each is weighted
     * @param texts what it says of a few texts, or null where they are not known
     * @param refused why there is no audit, or null
     * @serial exclude
     */
    public record StepResult(
            @Nullable Long step,
            @Nullable Agreed holds,
            String reward,
            String audit,
            String described,
            List<LogRead.FileRecords> files,
            List<String> notes,
            List<PartReader.PromptContext> prompts,
            @Nullable StepTexts texts,
            @Nullable RuntimeException refused)
            implements Serializable {
        /** The audit, read again. */
        StepAudit read() {
            return AuditJson.read("step " + step, audit).last();
        }

        private long order() {
            return step == null ? Long.MIN_VALUE : step;
        }
    }

    /**
     * Audits one step.
     *
     * @param parts all parts of the step, in any order
     * @param agreed what holds of all steps, or null to take what holds of this one
     * @return its audit, or why there is none
     */
    public StepResult step(List<LogPart> parts, @Nullable Agreed agreed) {
        LogPart any = parts.get(0);
        Long step = any.hasStep() ? any.step() : null;
        try {
            return audited(step, reader().join(parts, agreed == null ? null : agreed.records), agreed);
        } catch (IllegalArgumentException e) {
            return refused(step, e);
        }
    }

    /**
     * One step whose files are all there are of it, as where a folder is followed: no other says of whom its draws are.
     *
     * @param parts all parts of the step, in any order
     * @return its audit, or why there is none
     */
    public StepResult stepOfItsOwn(List<LogPart> parts) {
        StepResult result = step(parts, null);
        if (result.refused != null) {
            return result;
        }
        try {
            whole(line -> {}).refuseDifferentPolicies(LogRead.differentPolicies(result.files));
            return result;
        } catch (InputException e) {
            return refused(result.step, e);
        }
    }

    /** {@return an outline of a step, of which no part was taken in yet} */
    public StepOutline outline() {
        return reader().outline();
    }

    /**
     * Audits a step together with other processes, each of which has the records of some of its prompts
     * ({@link StepOutline#shares}): the figures are those of one process that has them all. Each process calls this.
     *
     * @param parts what this process has of the step, in any order
     * @param outline of the whole step
     * @param exchange what the processes tell each other
     * @param agreed what holds of all steps, or null to take what holds of this one
     * @return the step's audit, or why there is none; the same in all
     */
    public StepResult share(List<LogPart> parts, StepOutline outline, Exchange exchange, @Nullable Agreed agreed) {
        LogPart any = parts.get(0);
        Long step = any.hasStep() ? any.step() : null;
        try {
            return shared(step, parts, outline, exchange, agreed);
        } catch (IllegalArgumentException e) {
            return refused(step, e);
        }
    }

    private StepResult shared(
            @Nullable Long step, List<LogPart> parts, StepOutline outline, Exchange exchange, @Nullable Agreed agreed) {
        PartReader.Joined joined = null;
        Seen seen = null;
        Share own;
        try {
            joined = reader().joinShare(parts, outline, agreed == null ? null : agreed.records);
            seen = Seen.of(this, joined.step().log());
            long[] counts = LogAudit.counts(joined.step().log());
            StepTexts texts = StepTexts.of(joined.step().log(), seen.options.reward());
            own = new Share(seen.isProbability, new ArrayList<>(joined.files()), counts[0], counts[1], texts, null);
        } catch (IllegalArgumentException e) {
            own = new Share(false, new ArrayList<>(), 0, 0, null, e);
        }
        Share all = exchange.hear(own).stream().reduce(Share::and).orElseThrow();
        if (all.refused != null || joined == null || seen == null) {
            throw Objects.requireNonNull(all.refused);
        }
        boolean isProbability = agreed == null ? all.isProbability : agreed.isProbability;
        AuditOptions options = RangeWatch.on(seen.options, isProbability);
        RolloutLog log = joined.step().log();
        StepAudit audit = isFrugal ? Audit.ofTellingPrompts(log, options, exchange) : Audit.of(log, options, exchange);
        List<LogRead.FileRecords> ordered = all.files.stream()
                .sorted(Comparator.comparingInt(file -> files.indexOf(file.name())))
                .toList();
        return result(
                step,
                new Agreed(joined.holds(), all.isProbability),
                seen.options.reward(),
                audit,
                LogAudit.describe(all.prior, all.policy, outline.size()),
                joined.withFiles(ordered),
                all.texts);
    }

    /**
     * What one process says of its share of a step, or what all say.
     *
     * @param isProbability whether the reward is a probability and every one lies between 0 and 1
     * @param files what each holds of it
     * @param prior how many records are of the prior
     * @param policy how many are of the policy
     * @param texts what it says of a few texts, or null where they are not known
     * @param refused why there can be no audit, or null
     * @serial exclude
     */
    private record Share(
            boolean isProbability,
            ArrayList<LogRead.FileRecords> files,
            long prior,
            long policy,
            @Nullable StepTexts texts,
            @Nullable RuntimeException refused)
            implements Serializable {
        Share and(Share other) {
            Map<String, LogRead.FileRecords> both = new LinkedHashMap<>();
            files.forEach(file -> both.put(file.name(), file));
            other.files.forEach(file -> both.merge(file.name(), file, PartedAudit::sum));
            return new Share(
                    isProbability && other.isProbability,
                    new ArrayList<>(both.values()),
                    prior + other.prior,
                    policy + other.policy,
                    texts == null || other.texts == null ? null : texts.and(other.texts),
                    refused != null ? refused : other.refused);
        }
    }

    private static StepResult refused(@Nullable Long step, RuntimeException why) {
        return new StepResult(step, null, "", "", "", List.of(), List.of(), List.of(), null, why);
    }

    private StepResult audited(@Nullable Long step, PartReader.Joined joined, @Nullable Agreed agreed) {
        RolloutLog log = joined.step().log();
        LogAudit.refuseHeldOut(log, files.get(0));
        Seen seen = Seen.of(this, log);
        boolean isProbability = agreed == null ? seen.isProbability : agreed.isProbability;
        AuditOptions options = RangeWatch.on(seen.options, isProbability);
        StepAudit audit = isFrugal ? Audit.ofTellingPrompts(log, options) : Audit.of(log, options);
        return result(
                step,
                new Agreed(joined.holds(), seen.isProbability),
                seen.options.reward(),
                audit,
                LogAudit.describe(log),
                joined,
                StepTexts.of(log, seen.options.reward()));
    }

    /**
     * What is asked of a log, and whether its rewards may be probabilities.
     *
     * @param options what is asked
     * @param isProbability whether the reward is a probability and every one lies between 0 and 1
     */
    private record Seen(AuditOptions options, boolean isProbability) {
        static Seen of(PartedAudit audit, RolloutLog log) {
            LogAudit whole = audit.whole(line -> {});
            List<String> names = log.rewardNames();
            LogAudit.refuseTakenNames(audit.request, names);
            String reward = whole.reward(audit.request, names, Set.of());
            RangeWatch watch = new RangeWatch(audit.request, audit.files.get(0));
            watch.see(log, reward);
            AuditOptions options = audit.request.options(reward, whole.ranked(audit.request, names, reward));
            options.candidates().forEach(name -> RewardMagnitude.check(audit.files.get(0), log, name));
            return new Seen(options, watch.isProbability());
        }
    }

    private StepResult result(
            @Nullable Long step,
            Agreed holds,
            String reward,
            StepAudit audit,
            String described,
            PartReader.Joined joined,
            @Nullable StepTexts texts) {
        Provenance none = new Provenance("", "", request.seed(), Map.of(), List.of());
        AuditReport report =
                new AuditReport(request.beta(), reward, request.rewardType(), List.of(audit.withStep(step)), none);
        return new StepResult(
                step,
                holds,
                reward,
                AuditJson.toString(report),
                described,
                joined.files(),
                joined.notes(),
                joined.prompts(),
                texts,
                null);
    }

    /**
     * Puts together what came of the files and steps.
     *
     * @param facts of every file, in any order
     * @param results of every step, in any order, each by what holds of it alone
     * @param again audits every step by what holds of all; asked where that differs from what holds of one
     * @param warnings takes what a reader of the figures must know, a line each
     * @return as of one reading
     * @throws InputException if the log breaks a rule
     */
    public AuditOutcome outcome(
            List<FileRead.Facts> facts,
            List<StepResult> results,
            Function<Agreed, List<StepResult>> again,
            Consumer<String> warnings) {
        List<FileRead.Facts> ordered = new ArrayList<>(facts);
        ordered.sort(Comparator.comparingInt(FileRead.Facts::number));
        refuseBroken(ordered);
        reader().requireReward(ordered);
        UnaryOperator<List<StepResult>> sorted = all -> {
            List<StepResult> steps = new ArrayList<>(all);
            steps.sort(Comparator.comparingLong(StepResult::order));
            return steps;
        };
        List<StepResult> steps = sorted.apply(results);
        refuseSteps(steps);
        Agreed agreed = agreed(steps);
        boolean suits = steps.stream()
                .map(step -> Objects.requireNonNull(step.holds))
                .allMatch(own -> own.records.suits(agreed.records) && own.isProbability == agreed.isProbability);
        if (!suits) {
            steps = sorted.apply(again.apply(agreed));
            refuseSteps(steps);
        }
        LogRead read = summary(ordered, steps);
        LogAudit whole = whole(warnings);
        whole.refuseDifferentPolicies(read.differentPolicies());
        LogAudit.warnings(read).forEach(warnings);
        List<String> names = new ArrayList<>(agreed.records.rewards());
        names.addAll(whole.computed(request).keySet());
        String reward =
                whole.reward(request, names, read.oddities().partialRewards().keySet());
        List<StepAudit> audits = new ArrayList<>();
        List<@Nullable StepTexts> texts = new ArrayList<>();
        for (StepResult step : steps) {
            audits.add(step.read().withGate(LogAudit.arrays(read.oddities().sentinels())));
            texts.add(step.texts);
        }
        String described = LogAudit.several(steps.size()) + steps.get(steps.size() - 1).described;
        return new AuditOutcome(
                LogAudit.title(files), described, reward, StepTexts.compared(audits, texts), read.inputs());
    }

    private void refuseBroken(List<FileRead.Facts> ordered) {
        List<String> first = List.of();
        for (FileRead.Facts file : ordered) {
            if (file.broken() != null) {
                throw file.broken();
            }
            if (file.records() > 0) {
                first = first.isEmpty() ? file.rewards() : first;
                PartReader.refuseMixed(first, file);
            }
        }
        if (ordered.stream().allMatch(file -> file.records() == 0)) {
            long skipped = ordered.stream().mapToLong(FileRead.Facts::skipped).sum();
            long unweighted =
                    ordered.stream().mapToLong(FileRead.Facts::unweighted).sum();
            String leftOut = ordered.stream()
                    .map(file -> file.oddities().leftOut())
                    .filter(source -> !source.isEmpty())
                    .findFirst()
                    .orElse("");
            List<String> bad =
                    ordered.stream().flatMap(file -> file.first().stream()).toList();
            throw LogRead.nothing(files.get(0), new LogRead.Skipped(skipped, bad), unweighted, leftOut);
        }
    }

    private void refuseSteps(List<StepResult> steps) {
        for (StepResult step : steps) {
            if (step.refused != null) {
                throw step.refused;
            }
        }
        if (steps.size() > 1 && steps.get(0).step == null) {
            throw new InputException(files.get(0), 0, "step", "missing", "either every record has a step or none");
        }
        Map<Long, PartReader.PromptContext> known = new HashMap<>();
        for (StepResult step : steps) {
            for (PartReader.PromptContext prompt : step.prompts) {
                PartReader.PromptContext earlier = known.putIfAbsent(prompt.prompt(), prompt);
                if (earlier != null && !earlier.equals(prompt)) {
                    boolean split = earlier.heldOut() != prompt.heldOut();
                    throw new InputException(
                            files.get(0),
                            0,
                            split ? "split" : "prompt_weight",
                            "another for a prompt of step " + step.step + " than before",
                            split ? "a prompt is in one split" : "a prompt has one weight");
                }
            }
        }
    }

    private static Agreed agreed(List<StepResult> steps) {
        return steps.stream()
                .map(step -> Objects.requireNonNull(step.holds))
                .reduce(Agreed::and)
                .orElseThrow();
    }

    private static LogRead summary(List<FileRead.Facts> facts, List<StepResult> steps) {
        Map<String, LogRead.FileRecords> byFile = new LinkedHashMap<>();
        facts.stream()
                .filter(file -> file.records() > 0)
                .forEach(file -> byFile.put(file.name(), new LogRead.FileRecords(file.name(), 0, 0, 0, false)));
        Set<String> notes = new LinkedHashSet<>();
        for (StepResult step : steps) {
            step.files.forEach(of -> byFile.merge(of.name(), of, PartedAudit::sum));
            notes.addAll(step.notes);
        }
        return PartReader.summary(facts, List.copyOf(byFile.values()), List.copyOf(notes));
    }

    private static LogRead.FileRecords sum(LogRead.FileRecords one, LogRead.FileRecords other) {
        return new LogRead.FileRecords(
                one.name(),
                one.prior() + other.prior(),
                one.policy() + other.policy(),
                one.other() + other.other(),
                one.shared() || other.shared());
    }
}
