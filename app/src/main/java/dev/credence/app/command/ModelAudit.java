package dev.credence.app.command;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.rollouts.LogRead;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.BridgeModel;
import dev.credence.lab.models.ExactCompletions;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.rollouts.DrawnModels;
import dev.credence.lab.rollouts.LogCompletion;
import dev.credence.lab.rollouts.RolloutRun;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Audits a policy model against its prior: by rollouts that it draws, by a log that it completes, or exactly. */
final class ModelAudit {
    private final AuditQuestion question;
    private final ModelAuditOptions options;
    private final ModelPair models;
    private final long seed;
    private final Consumer<String> progress;

    ModelAudit(
            AuditQuestion question, ModelAuditOptions options, ModelPair models, long seed, Consumer<String> progress) {
        this.question = question;
        this.options = options;
        this.models = models;
        this.seed = seed;
        this.progress = progress;
    }

    /**
     * What came of it.
     *
     * @param described what was audited, in words
     * @param reward name of the audited reward
     * @param steps the audits
     * @param inputs all that was read
     * @param assumed what the figures rest on and nothing says, a line each
     */
    record Outcome(
            String described,
            String reward,
            List<StepAudit> steps,
            List<Provenance.Input> inputs,
            List<String> assumed) {
        Outcome(String described, String reward, List<StepAudit> steps, List<Provenance.Input> inputs) {
            this(described, reward, steps, inputs, List.of());
        }
    }

    /** Decides where the log of a run goes. */
    interface Place {
        /** The log's file; that of the same run where it was broken off. */
        Path of(RolloutRun run) throws IOException;
    }

    /** Draws, writes the log, and audits what was written. */
    Outcome sampled(Place place, AuditOptions.@Nullable Aim aim) throws IOException {
        Prompts prompts = Prompts.read(String.valueOf(options.prompts));
        Map<String, RewardExpression> rewards = rewards(RewardExpression::parseTogether);
        warnOfMixedBegins(prompts);
        AuditOptions asked = question.options(reward(), List.of(reward()), null, seed);
        DrawnModels drawn = options.drawn(models);
        try (BridgeModel bridge = drawn.bridge()) {
            if (bridge != null) {
                bridge.model().warnings().forEach(progress);
            }
            RolloutRun run = new RolloutRun(drawn, prompts.weights(), rewards, asked, limits());
            Path log = place.of(run);
            String stopped = draw(run, log);
            progress.accept("wrote " + log + "; " + stopped);
            Outcome written = written(LogAudit.ofWritten(question, seed), log, drawn.inputs(), aim);
            written.inputs().add(prompts.input());
            return written;
        }
    }

    /** However a draw ends early, it says that nothing is lost. */
    private String draw(RolloutRun run, Path log) throws IOException {
        String kept = "the texts drawn so far are kept beside " + log + "; the same command goes on from there";
        Thread interrupted = new Thread(() -> progress.accept("interrupted; " + kept));
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            return run.draw(log, progress);
        } catch (IOException | RuntimeException e) {
            if (!(e instanceof InputException)) {
                progress.accept(kept);
            }
            throw e;
        } finally {
            forget(interrupted);
        }
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the process is ending: the hook has its say
        }
    }

    /** Completes a log beside it, and audits that. */
    Outcome completed(
            List<String> files, InputStream standardInput, Path log, LogOptions reading, AuditOptions.@Nullable Aim aim)
            throws IOException {
        LogCompletion completion = completion(reading, begin());
        for (String file : files) {
            completion.read(file, standardInput);
        }
        fill(completion);
        completion.write(log);
        completion.warnings().forEach(progress);
        completion.assumed().forEach(line -> progress.accept("assumed: " + line));
        progress.accept(completion.describe() + "; wrote " + log);
        Outcome written = written(log, aim);
        List<Provenance.Input> inputs = new ArrayList<>(written.inputs());
        inputs.addAll(models.inputs());
        return new Outcome(written.described(), written.reward(), written.steps(), inputs, completion.assumed());
    }

    /** A completion of nothing yet, with these models and options. */
    LogCompletion completion(LogOptions reading, BeginToken begin) {
        LogCompletion.How how = new LogCompletion.How(
                reading.read(seed, Map.of()).fields(),
                computed(),
                begin,
                options.samples == null ? 0 : options.samples,
                options.maxNewTokens == null ? 0 : options.maxNewTokens,
                reading.skipsBad());
        return new LogCompletion(models, how);
    }

    BeginToken begin() {
        return options.begin.begin();
    }

    void fill(LogCompletion completion) {
        completion.fill(seed);
    }

    /** Where the tokenizer's rules add no begin token, an empty prompt still gets one: the others are then other questions. */
    private void warnOfMixedBegins(Prompts prompts) {
        boolean empty = prompts.texts().contains("");
        boolean bare = prompts.texts().stream()
                .filter(text -> !text.isEmpty())
                .anyMatch(text -> Arrays.equals(
                        models.prior().prompt(text, begin()), models.prior().prompt(text, BeginToken.NO)));
        if (begin() == BeginToken.AUTO && empty && bare) {
            progress.accept(
                    "warning: the begin token comes in front of the empty prompt alone; where the tuning had it in front"
                            + " of all prompts say --bos yes");
        }
    }

    /** Rewards that are computed of a log's texts; none where its own are asked for. */
    private Map<String, RewardExpression> computed() {
        return question.reward() != null && RewardName.of(question.reward()).isExpression()
                ? rewards(RewardExpression::parseTogether)
                : Map.of();
    }

    /** Audits a log that was completed; without the models' files. */
    Outcome written(Path log, AuditOptions.@Nullable Aim aim) {
        LogAudit audit = computed().isEmpty()
                ? new LogAudit(question, new LogOptions(), seed)
                : LogAudit.ofWritten(question, seed);
        LogRead read = audit.read(List.of(log.toString()), InputStream.nullInputStream());
        LogAudit.warnings(read).forEach(progress);
        LogAudit.Outcome outcome = audit.audit(read, aim);
        return new Outcome(LogAudit.describe(read), outcome.reward(), outcome.steps(), new ArrayList<>(read.inputs()));
    }

    private Outcome written(LogAudit audit, Path log, List<Provenance.Input> ofModels, AuditOptions.@Nullable Aim aim) {
        LogRead read = audit.read(List.of(log.toString()), InputStream.nullInputStream());
        LogAudit.warnings(read).forEach(progress);
        LogAudit.Outcome outcome = audit.audit(read, aim);
        List<Provenance.Input> inputs = new ArrayList<>(read.inputs());
        inputs.addAll(ofModels);
        return new Outcome(LogAudit.describe(read), outcome.reward(), outcome.steps(), inputs);
    }

    /** Enumerates every completion. */
    Outcome exact(AuditOptions.@Nullable Aim aim) {
        Prompts prompts = Prompts.read(String.valueOf(options.prompts));
        Map<String, RewardExpression> rewards = rewards(RewardExpression::parse);
        int horizon = options.horizon == null ? 1 : options.horizon;
        double total = prompts.weights().values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        ExactCompletions enumeration = new ExactCompletions(
                2, List.copyOf(rewards.values()), models.prior().texts().tokenizer());
        List<ExactPrompt> exact = new ArrayList<>();
        long completions = 0;
        for (String prompt : prompts.texts()) {
            int[] ids = models.prompt(prompt, options.begin.begin(), horizon);
            ExactCompletions.Columns all = enumeration.of(models.transformers(), prompt, ids, horizon);
            completions += all.size();
            progress.accept(String.format("%,d completions of '%s'", all.size(), prompt));
            exact.add(all.audited(prompt, prompts.weights().getOrDefault(prompt, Double.NaN) / total));
        }
        List<String> names = List.copyOf(rewards.keySet());
        RangeWatch watch = new RangeWatch(question, String.valueOf(options.prompts));
        for (ExactPrompt prompt : exact) {
            for (double value : prompt.rewards()[0]) { // of the audited reward, the first
                watch.see(prompt.text(), value);
            }
        }
        StepAudit step = Audit.of(exact, names, watch.on(question.options(reward(), names, aim, seed)));
        List<Provenance.Input> inputs = new ArrayList<>(models.inputs());
        inputs.add(prompts.input());
        String described = String.format(
                "exact: all %,d completions of %,d prompt%s up to %d tokens",
                completions, exact.size(), exact.size() == 1 ? "" : "s", horizon);
        return new Outcome(described, reward(), List.of(step), inputs);
    }

    private RolloutRun.Limits limits() {
        int samples = options.samples == null ? ModelAuditOptions.DEFAULT_SAMPLES : options.samples;
        int draws = isComputedHere() ? 0 : samples;
        return new RolloutRun.Limits(
                samples,
                options.draws == null ? draws : options.draws,
                options.maxNewTokens == null ? ModelAuditOptions.DEFAULT_TOKENS : options.maxNewTokens,
                options.budget == null ? Double.POSITIVE_INFINITY : options.budget,
                options.precision == null ? 0 : options.precision,
                options.begin.begin());
    }

    /** A program or a server may be slow or dear: it is not asked about texts that nobody wanted. */
    private boolean isComputedHere() {
        try {
            RewardExpression.parse(asked().text());
            return true;
        } catch (InputException e) {
            return false;
        }
    }

    private RewardName asked() {
        String reward = question.reward();
        if (reward == null) {
            throw InputException.ofSetting(
                    "reward", "missing", "name the reward that the policy was tuned for, such as contains:TEXT");
        }
        return RewardName.of(reward);
    }

    private String reward() {
        return asked().name();
    }

    /** The audited reward and the candidates, by the names they were given. */
    private Map<String, RewardExpression> rewards(Function<String, RewardExpression> parser) {
        Map<String, RewardExpression> rewards = new LinkedHashMap<>();
        rewards.put(reward(), parser.apply(asked().text()));
        for (String candidate : question.candidates()) {
            RewardName rival = RewardName.of(candidate);
            RewardExpression expression = parser.apply(rival.text());
            if (!expression.equals(rewards.getOrDefault(rival.name(), expression))) {
                throw InputException.ofSetting(
                        "candidate", candidate, "the name " + rival.name() + " stands for another reward already");
            }
            rewards.put(rival.name(), expression);
        }
        return rewards;
    }
}
