package dev.credence.lab.audits;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.OmittedPrompts;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.audit.StepTexts;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.audits.PromptsFile;
import dev.credence.data.files.InputFiles;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.LogRead;
import dev.credence.data.rollouts.RolloutLogReader;
import dev.credence.lab.inputs.LogReward;
import dev.credence.lab.inputs.RewardMagnitude;
import dev.credence.lab.inputs.RewardName;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Audits a log of rollouts: reads it, and audits each of its steps. */
public final class LogAudit implements AuditSource {
    private final List<String> files;
    private final InputStream standardInput;
    private final LogReading reading;
    private final Consumer<String> warnings;
    private final Function<String, LogReward> naming;
    private final boolean isFrugal;
    private final @Nullable Path promptsFile;

    /**
     * A log that is not read yet.
     *
     * @param files names, patterns or folders of files of one log, JSON Lines (plain, gzip or zstd) or Parquet; {@code -} for the
     *     standard input
     * @param standardInput what {@code -} stands for
     * @param reading how it is read
     * @param warnings takes what a reader of the figures must know of the reading, a line each
     */
    public LogAudit(List<String> files, InputStream standardInput, LogReading reading, Consumer<String> warnings) {
        this(files, standardInput, reading, warnings, LogReward::of, false, null);
    }

    private LogAudit(
            List<String> files,
            InputStream standardInput,
            LogReading reading,
            Consumer<String> warnings,
            Function<String, LogReward> naming,
            boolean isFrugal,
            @Nullable Path promptsFile) {
        this.files = List.copyOf(files);
        this.standardInput = standardInput;
        this.reading = reading;
        this.warnings = warnings;
        this.naming = naming;
        this.isFrugal = isFrugal;
        this.promptsFile = promptsFile;
    }

    /** Of a log that Credence wrote: rewards were computed when it was, and are named as they were asked for. */
    static LogAudit ofWritten(Path log, Consumer<String> warnings) {
        return new LogAudit(
                List.of(log.toString()),
                InputStream.nullInputStream(),
                LogReading.standard(),
                warnings,
                LogReward::own,
                false,
                null);
    }

    /** Of a log that Credence completed, with the rewards that it came with. */
    static LogAudit ofCompleted(Path log, Consumer<String> warnings) {
        return new LogAudit(List.of(log.toString()), InputStream.nullInputStream(), LogReading.standard(), warnings);
    }

    /**
     * Of a log of many prompts: the audit holds the figures of no more than {@link OmittedPrompts#MOST} prompts, and says so; those of
     * all go to a file as they are made.
     *
     * @param file a name that ends in {@code .jsonl} or {@code .parquet}, written whole or not at all; null for none
     * @return this audit, which then needs memory for the records and not for the figures of all prompts
     */
    public LogAudit withPromptsFile(@Nullable Path file) {
        if (file != null) {
            PromptsFile.check(file.toString());
        }
        return new LogAudit(files, standardInput, reading, warnings, naming, true, file);
    }

    @Override
    public AuditOutcome audit(AuditRequest request) {
        return pilot(request).outcome();
    }

    /**
     * Audits the log and keeps its last step's records, to plan from.
     *
     * @param request what is asked
     * @return the audit and the records
     */
    public Pilot pilot(AuditRequest request) {
        LogRead read = read(request);
        warnings(read).forEach(warnings);
        List<String> names = read.steps().get(0).log().rewardNames();
        refuseTakenNames(request, names);
        String reward = reward(request, names, read.oddities().partialRewards().keySet());
        RangeWatch watch = new RangeWatch(request, read.inputs().get(0).name());
        read.steps().forEach(step -> watch.see(step.log(), reward));
        AuditOptions options =
                watch.on(request.options(reward, comparable(read, ranked(request, names, reward), reward)));
        List<StepAudit> steps = new ArrayList<>();
        if (promptsFile == null) {
            steps.addAll(steps(read, options, (step, prompt) -> {}));
        } else {
            PromptsFile.write(promptsFile, sink -> steps.addAll(steps(read, options, sink)));
        }
        AuditOutcome outcome = new AuditOutcome(title(files), describe(read), reward, steps, read.inputs());
        return new Pilot(outcome, read.steps().get(read.steps().size() - 1).log(), options);
    }

    /** The rivals that an audit can compute with: the others are left out with a word, where the audited reward is refused. */
    private List<String> comparable(LogRead read, List<String> ranked, String audited) {
        List<String> kept = new ArrayList<>();
        for (String name : ranked) {
            try {
                read.steps()
                        .forEach(step ->
                                RewardMagnitude.check(read.inputs().get(0).name(), step.log(), name));
                kept.add(name);
            } catch (InputException e) {
                if (name.equals(audited)) {
                    throw e;
                }
                warnings.accept("no rival: " + e.getMessage());
            }
        }
        return kept;
    }

    private List<StepAudit> steps(LogRead read, AuditOptions options, PromptsFile.Sink prompts) {
        List<StepAudit> steps = new ArrayList<>();
        List<@Nullable StepTexts> texts = new ArrayList<>();
        for (LogRead.StepLog step : read.steps()) {
            steps.add(audit(step, options, prompts)
                    .withStep(step.step())
                    .withGate(arrays(read.oddities().sentinels())));
            texts.add(read.steps().size() == 1 ? null : StepTexts.of(step.log(), options.reward()));
        }
        return StepTexts.compared(steps, texts);
    }

    private StepAudit audit(LogRead.StepLog step, AuditOptions options, PromptsFile.Sink prompts) {
        if (promptsFile != null) {
            return Audit.of(step.log(), options, prompt -> prompts.add(step.step(), prompt))
                    .withPromptsIn(promptsFile.toString());
        }
        return isFrugal ? Audit.ofTellingPrompts(step.log(), options) : Audit.of(step.log(), options);
    }

    /**
     * What a log is called.
     *
     * @param files its files
     * @return the first one's name, and how many more there are
     */
    public static String title(List<String> files) {
        String first = files.get(0);
        Path name =
                first.equals(InputFiles.STANDARD_INPUT) ? null : Path.of(first).getFileName();
        String shown = name == null ? "standard input" : name.toString();
        return files.size() == 1 ? shown : shown + " and " + (files.size() - 1) + " more";
    }

    private LogRead read(AuditRequest request) {
        LogRead read =
                new RolloutLogReader(reading.options(request.seed(), computed(request)), standardInput).read(files);
        refuseDifferentPolicies(read.differentPolicies());
        for (LogRead.StepLog step : read.steps()) {
            refuseHeldOut(step.log(), read.inputs().get(0).name());
        }
        return read;
    }

    /** Figures are of prompts that were trained on. */
    static void refuseHeldOut(RolloutLog log, String input) {
        if (log.prompts().stream().allMatch(RolloutLog.Prompt::heldOut)) {
            throw new InputException(input, 0, "split", "heldout on every record", "the train split has a record");
        }
    }

    /** The rewards that are computed while the log is read, by name. */
    Map<String, RewardExpression> computed(AuditRequest request) {
        Map<String, RewardExpression> computed = new LinkedHashMap<>();
        for (LogReward reward : named(request)) {
            RewardExpression expression = reward.expression();
            if (expression != null && !expression.equals(computed.getOrDefault(reward.name(), expression))) {
                throw InputException.ofSetting(
                        "candidate", reward.name(), "the name stands for two rewards; choose another for one of them");
            }
            if (expression != null) {
                computed.put(reward.name(), expression);
            }
        }
        return computed;
    }

    /** Several policies audited as one give figures of none. */
    void refuseDifferentPolicies(List<String> different) {
        if (reading.pooling() == LogReading.Pooling.BY_NAME && !different.isEmpty()) {
            throw InputException.ofSetting(
                    "together",
                    "missing",
                    String.join(" and ", different.subList(0, 2))
                            + " both hold policy draws of the same prompts, and their names say different policies: audit"
                            + " each by itself, or say that they belong together where one policy drew both");
        }
    }

    /** A name that the user chose for a reward must not be one that the log has for another. */
    static void refuseTakenNames(AuditRequest request, List<String> names) {
        List<String> typed = new ArrayList<>(request.candidates());
        if (request.reward() != null) {
            typed.add(request.reward());
        }
        for (String each : typed) {
            RewardName reward = RewardName.of(each);
            if (reward.isNamed() && names.indexOf(reward.name()) != names.lastIndexOf(reward.name())) {
                throw InputException.ofSetting(
                        "reward", each, "the log has a reward of the name " + reward.name() + "; choose another");
            }
        }
    }

    /** The reward to audit, and those to rank beside it. */
    String reward(AuditRequest request, List<String> names, Set<String> partial) {
        return request.reward() == null
                ? RewardName.only(Stream.concat(own(request, names).stream(), partial.stream())
                        .toList())
                : naming.apply(request.reward()).among("reward", names);
    }

    /** The log's own rewards, without those that were computed for candidates. */
    private List<String> own(AuditRequest request, List<String> names) {
        List<String> own = new ArrayList<>(names);
        named(request).stream()
                .filter(reward -> reward.expression() != null)
                .forEach(reward -> own.remove(reward.name()));
        return own;
    }

    List<String> ranked(AuditRequest request, List<String> names, String reward) {
        Set<String> ranked = new LinkedHashSet<>();
        ranked.add(reward);
        ranked.addAll(own(request, names));
        for (String candidate : request.candidates()) {
            ranked.add(naming.apply(candidate).among("candidate", names));
        }
        return List.copyOf(ranked);
    }

    private List<LogReward> named(AuditRequest request) {
        List<LogReward> named = new ArrayList<>();
        if (request.reward() != null) {
            named.add(naming.apply(request.reward()));
        }
        request.candidates()
                .forEach(candidate -> named.add(InputException.reading("candidate", () -> naming.apply(candidate))));
        return named;
    }

    /** What stood in the place of log-probabilities: sums, arrays and lengths that contradict each other are refused. */
    static Gate arrays(LogRead.Sentinels sentinels) {
        return sentinels.count() > 0
                ? new Gate(
                        "arrays",
                        Gate.Status.WARN,
                        sentinels.count(),
                        String.format(
                                "%,d records have a number such as -9999 where an engine means that a token cannot be; it"
                                        + " was read as -inf (the first is %s)",
                                sentinels.count(), sentinels.first()),
                        List.of())
                : new Gate("arrays", Gate.Status.PASS, 0, "sums, arrays and lengths agree", List.of());
    }

    /** What a reader of the figures must know of the reading. */
    static List<String> warnings(LogRead read) {
        List<String> warnings = new ArrayList<>();
        if (read.skipped().count() > 0) {
            warnings.add(
                    "warning: left out " + FigureFormat.counted(read.skipped().count(), "bad record"));
            read.skipped().first().forEach(line -> warnings.add("  " + line));
        }
        if (read.unweighted() > 0) {
            warnings.add(String.format(
                    "warning: left out %s of other sources without a logp_source (the two that need none are written prior"
                            + " and policy)",
                    FigureFormat.counted(read.unweighted(), "record")));
        }
        warnings.addAll(copies(read.inputs()));
        read.warnings().forEach(line -> warnings.add("warning: " + line));
        return warnings;
    }

    /** Files that are copies of one: two steps may be alike, and a log that is given twice holds the same draws once more. */
    private static List<String> copies(List<Provenance.Input> inputs) {
        Map<String, String> known = new HashMap<>();
        List<String> copies = new ArrayList<>();
        for (Provenance.Input input : inputs) {
            String first = input.bytes() > 0 ? known.putIfAbsent(input.sha256(), input.name()) : null;
            if (first != null) {
                copies.add("warning: " + input.name() + " is byte for byte the same as " + first
                        + "; where it is the same log, its records count twice");
            }
        }
        return copies;
    }

    /**
     * In words: how many records, of whom, for how many prompts.
     *
     * @param read the log
     * @return of the last step, where there are several
     */
    public static String describe(LogRead read) {
        return several(read.steps().size())
                + describe(read.steps().get(read.steps().size() - 1).log());
    }

    /** What is said of several steps before the last is described. */
    static String several(int steps) {
        return steps > 1 ? steps + " steps, the last with " : "";
    }

    /** In words: how many records of one step, of whom, for how many prompts. */
    static String describe(RolloutLog log) {
        long[] counts = counts(log);
        List<String> parts = new ArrayList<>();
        for (int s = 0; s < counts.length; s++) {
            if (counts[s] > 0) {
                parts.add(String.format(
                        "%,d%s from the %s",
                        counts[s], drawn(log, s, counts[s]), log.sources().get(s)));
            }
        }
        return describe(log.size(), log.prompts().size(), parts);
    }

    /** How many records there are of each source. */
    static long[] counts(RolloutLog log) {
        long[] counts = new long[log.sources().size()];
        for (byte source : log.columns().source()) {
            counts[source]++;
        }
        return counts;
    }

    /** The same of records of prior and policy, all of whose draws were kept, that are counted. */
    static String describe(long prior, long policy, int prompts) {
        List<String> parts = new ArrayList<>();
        if (prior > 0) {
            parts.add(String.format("%,d from the prior", prior));
        }
        if (policy > 0) {
            parts.add(String.format("%,d from the policy", policy));
        }
        return describe(prior + policy, prompts, parts);
    }

    private static String describe(long records, int prompts, List<String> parts) {
        return String.format(
                "%,d records of %s: %s", records, FigureFormat.counted(prompts, "prompt"), String.join(", ", parts));
    }

    private static long records(RolloutLog log, RolloutLog.Prompt prompt, int source) {
        long records = 0;
        for (int i = prompt.from(); i < prompt.to(); i++) {
            records += log.columns().source()[i] == source ? 1 : 0;
        }
        return records;
    }

    /** Of thinned draws how many texts there were before; where a prompt's were not thinned there were as many as records. */
    private static String drawn(RolloutLog log, int source, long records) {
        double draws = 0;
        for (RolloutLog.Prompt prompt : log.prompts()) {
            double stated = source == RolloutLog.PRIOR
                    ? prompt.draws().prior()
                    : source == RolloutLog.POLICY ? prompt.draws().policy() : Double.NaN;
            draws += Double.isNaN(stated) ? records(log, prompt, source) : stated;
        }
        return draws > records ? String.format(" kept of %,.0f drawn", draws) : "";
    }
}
