package dev.credence.app.command;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.Gate;
import dev.credence.core.audit.RolloutLog;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.provenance.InputException;
import dev.credence.data.files.InputFiles;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.LogRead;
import dev.credence.data.rollouts.RolloutLogReader;
import java.io.File;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads a log and audits each of its steps. */
final class LogAudit {
    /** From so many bytes on, reading takes more than a moment. */
    private static final long LONG = 50_000_000;

    private final AuditQuestion question;
    private final LogOptions reading;
    private final long seed;
    private final Function<String, LogReward> naming;

    LogAudit(AuditQuestion question, LogOptions reading, long seed) {
        this(question, reading, seed, LogReward::of);
    }

    private LogAudit(AuditQuestion question, LogOptions reading, long seed, Function<String, LogReward> naming) {
        this.question = question;
        this.reading = reading;
        this.seed = seed;
        this.naming = naming;
    }

    /** Of a log that Credence wrote: rewards were computed when it was, and are named as they were asked for. */
    static LogAudit ofWritten(AuditQuestion question, long seed) {
        return new LogAudit(question, new LogOptions(), seed, LogReward::own);
    }

    /**
     * What came of it.
     *
     * @param read the log
     * @param reward name of the audited reward
     * @param steps one audit a step
     */
    record Outcome(LogRead read, String reward, List<StepAudit> steps) {}

    /** Whether reading takes long enough to show that it goes on. */
    static boolean isLong(List<String> files) {
        long bytes = 0;
        for (String file : files) {
            File input = new File(file);
            bytes += file.equals(InputFiles.STANDARD_INPUT) ? LONG : input.length();
        }
        return bytes >= LONG;
    }

    LogRead read(List<String> arguments, InputStream standardInput) {
        question.check();
        Map<String, RewardExpression> computed = new LinkedHashMap<>();
        for (LogReward reward : named()) {
            RewardExpression expression = reward.expression();
            if (expression != null && !expression.equals(computed.getOrDefault(reward.name(), expression))) {
                throw InputException.ofSetting(
                        "candidate",
                        reward.name(),
                        "the name stands for two rewards; choose another for one of them");
            }
            if (expression != null) {
                computed.put(reward.name(), expression);
            }
        }
        LogRead read = new RolloutLogReader(reading.read(seed, computed), standardInput).read(arguments);
        refuseDifferentPolicies(read.differentPolicies());
        for (LogRead.StepLog step : read.steps()) {
            if (step.log().prompts().stream().allMatch(RolloutLog.Prompt::heldOut)) {
                String name = read.inputs().get(0).name();
                throw new InputException(name, 0, "split", "heldout on every record", "the train split has a record");
            }
        }
        return read;
    }

    /** Several policies audited as one give figures of none. */
    private void refuseDifferentPolicies(List<String> files) {
        if (!reading.isTogether() && !files.isEmpty()) {
            throw InputException.ofSetting(
                    "together",
                    "missing",
                    String.join(" and ", files.subList(0, 2))
                            + " both hold policy draws of the same prompts, and their names say different policies: audit"
                            + " each by itself, or give --together where one policy drew both");
        }
    }

    Outcome audit(LogRead read, AuditOptions.@Nullable Aim aim) {
        List<String> names = read.steps().get(0).log().rewardNames();
        refuseTakenNames(names);
        String reward = reward(names, read.oddities().partialRewards().keySet());
        RangeWatch watch = new RangeWatch(question, read.inputs().get(0).name());
        read.steps().forEach(step -> watch.see(step.log(), reward));
        AuditOptions options = watch.on(question.options(reward, ranked(names, reward), aim, seed));
        List<StepAudit> steps = new ArrayList<>();
        for (LogRead.StepLog step : read.steps()) {
            steps.add(at(
                    step.step(),
                    Audit.of(step.log(), options),
                    arrays(read.oddities().sentinels())));
        }
        return new Outcome(read, reward, steps);
    }

    /** A name that the user chose for a reward must not be one that the log has for another. */
    private void refuseTakenNames(List<String> names) {
        List<String> typed = new ArrayList<>(question.candidates());
        if (question.reward() != null) {
            typed.add(question.reward());
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
    private String reward(List<String> names, Set<String> partial) {
        return question.reward() == null
                ? AuditQuestion.only(
                        Stream.concat(own(names).stream(), partial.stream()).toList())
                : naming.apply(question.reward()).among("reward", names);
    }

    /** The log's own rewards, without those that were computed for candidates. */
    private List<String> own(List<String> names) {
        List<String> own = new ArrayList<>(names);
        named().stream().filter(reward -> reward.expression() != null).forEach(reward -> own.remove(reward.name()));
        return own;
    }

    private List<String> ranked(List<String> names, String reward) {
        Set<String> ranked = new LinkedHashSet<>();
        ranked.add(reward);
        ranked.addAll(own(names));
        for (String candidate : question.candidates()) {
            ranked.add(naming.apply(candidate).among("candidate", names));
        }
        return List.copyOf(ranked);
    }

    private List<LogReward> named() {
        List<LogReward> named = new ArrayList<>();
        if (question.reward() != null) {
            named.add(naming.apply(question.reward()));
        }
        question.candidates().forEach(candidate -> named.add(naming.apply(candidate)));
        return named;
    }

    /** What stood in the place of log-probabilities: sums, arrays and lengths that contradict each other are refused. */
    private static Gate arrays(LogRead.Sentinels sentinels) {
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

    private static StepAudit at(@Nullable Long step, StepAudit audit, Gate arrays) {
        return new StepAudit(
                step,
                audit.findings(),
                audit.prompts(),
                Stream.concat(audit.gates().stream(), Stream.of(arrays)).toList(),
                audit.candidates(),
                audit.verdict(),
                audit.verdicts(),
                audit.plots());
    }

    /** What a reader of the figures must know of the reading. */
    static List<String> warnings(LogRead read) {
        List<String> warnings = new ArrayList<>();
        if (read.skipped().count() > 0) {
            warnings.add(String.format(
                    "warning: left out %,d bad records", read.skipped().count()));
            read.skipped().first().forEach(line -> warnings.add("  " + line));
        }
        if (read.unweighted() > 0) {
            warnings.add(String.format(
                    "warning: left out %,d records of other sources that have no logp_source (the two that need none are"
                            + " written prior and policy)",
                    read.unweighted()));
        }
        read.warnings().forEach(line -> warnings.add("warning: " + line));
        return warnings;
    }

    /** In words: how many records, of whom, for how many prompts. */
    static String describe(LogRead read) {
        RolloutLog log = read.steps().get(read.steps().size() - 1).log();
        long[] counts = new long[log.sources().size()];
        for (byte source : log.columns().source()) {
            counts[source]++;
        }
        List<String> parts = new ArrayList<>();
        for (int s = 0; s < counts.length; s++) {
            if (counts[s] > 0) {
                parts.add(String.format(
                        "%,d from the %s", counts[s], log.sources().get(s)));
            }
        }
        String step = read.steps().size() > 1 ? read.steps().size() + " steps, the last with " : "";
        return String.format(
                "%s%,d records of %,d prompt%s: %s",
                step, log.size(), log.prompts().size(), log.prompts().size() == 1 ? "" : "s", String.join(", ", parts));
    }
}
