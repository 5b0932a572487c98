package dev.credence.lab.audits;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.AuditOptions;
import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.probability.WeightSum;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.inputs.RewardMagnitude;
import dev.credence.lab.inputs.RewardName;
import dev.credence.lab.models.BridgeModel;
import dev.credence.lab.models.ExactCompletions;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.rollouts.DrawnModels;
import dev.credence.lab.rollouts.LogCompletion;
import dev.credence.lab.rollouts.RolloutRun;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Audits a policy model against its prior: by rollouts that it draws, by a log that it completes, or by all their texts. */
public final class ModelAudit {
    private final ModelPair models;
    private final RolloutSettings settings;
    private final Listener progress;

    /**
     * Audits of two models.
     *
     * @param models prior and policy; the caller closes them
     * @param settings how texts are drawn, where they begin and end
     * @param progress takes lines of progress and warnings
     */
    public ModelAudit(ModelPair models, RolloutSettings settings, Listener progress) {
        this.models = models;
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Refuses rewards that are none, so that no model is opened for them.
     *
     * @param request what is asked
     * @param hasLog whether texts are a log's, which may have rewards of its own; drawn ones have none
     * @throws InputException if one is malformed, names what is not there, or is missing
     */
    public static void check(AuditRequest request, boolean hasLog) {
        if (hasLog) {
            computed(request);
        } else {
            rewards(request, RewardExpression::parseTogether);
        }
    }

    /** Decides where the log of a run goes. */
    public interface Place {
        /**
         * Decides.
         *
         * @param run what is about to be drawn
         * @return the log's file; that of the same run where it was broken off
         * @throws IOException if looking for it fails
         */
        Path of(RolloutRun run) throws IOException;
    }

    /**
     * Texts drawn from both, thinned where that is worth it; the log is written, and what was written is audited. A draw that
     * was broken off goes on from the texts beside the log.
     *
     * @param prompts what the models go on from
     * @param place where the log goes
     * @return the source; its request must name a reward of texts
     */
    public AuditSource drawn(Prompts prompts, Place place) {
        return request -> {
            Map<String, RewardExpression> rewards = rewards(request, RewardExpression::parseTogether);
            warnOfMixedBegins(prompts.texts());
            String reward = asked(request).name();
            AuditOptions watched = request.aimedAt(null).options(reward, List.of(reward));
            try (BridgeModel bridge = bridge()) {
                if (bridge != null) {
                    bridge.model().warnings().forEach(progress);
                }
                DrawnModels drawn = new DrawnModels(models, bridge, settings.tilts());
                RolloutRun.Limits limits = settings.limits(!isComputedHere(request));
                RolloutRun run = new RolloutRun(drawn, prompts.weights(), rewards, watched, limits);
                Path log = place.of(run);
                String stopped = draw(run, log);
                progress.accept("wrote " + log + "; " + stopped);
                AuditOutcome outcome = LogAudit.ofWritten(log, progress).audit(request);
                if (run.isCutShort()) {
                    outcome = outcome.advised(settings.moreTime());
                }
                return described(outcome.with(drawn.inputs()).with(List.of(prompts.input())));
            }
        };
    }

    private @Nullable BridgeModel bridge() {
        String folder = settings.bridge();
        return folder == null ? null : BridgeModel.open(folder, models, settings.end());
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

    /**
     * A log of texts that lacks log-probabilities, or one of the two sources: what it lacks is scored and drawn, the whole is
     * written, and that is audited.
     *
     * @param files of the log
     * @param standardInput what {@code -} stands for among them
     * @param reading how it is read
     * @param target the completed log
     * @return the source
     */
    public AuditSource completed(List<String> files, InputStream standardInput, LogReading reading, Path target) {
        return request -> {
            LogCompletion completion = completion(request, reading, settings.begin());
            for (String file : files) {
                completion.read(file, standardInput);
            }
            warnOfMixedBegins(completion.prompts());
            completion.fill(request.seed());
            completion.write(target);
            completion.warnings().forEach(progress);
            completion.assumed().forEach(line -> progress.accept("assumed: " + line));
            progress.accept(completion.describe() + "; wrote " + target);
            AuditOutcome outcome = written(target, request, progress);
            return described(outcome.with(models.inputs()).assuming(completion.assumed()));
        };
    }

    /** A completion of nothing yet, with these models and settings. */
    LogCompletion completion(AuditRequest request, LogReading reading, BeginToken begin) {
        Integer samples = settings.samples();
        Integer maxNewTokens = settings.maxNewTokens();
        LogCompletion.How how = new LogCompletion.How(
                reading.fields(),
                computed(request),
                begin,
                samples == null ? 0 : samples,
                maxNewTokens == null ? 0 : maxNewTokens,
                reading.skipsBad());
        return new LogCompletion(models, how);
    }

    /** Audits a log that was completed; without the models' files. */
    static AuditOutcome written(Path log, AuditRequest request, Listener progress) {
        LogAudit audit =
                computed(request).isEmpty() ? LogAudit.ofCompleted(log, progress) : LogAudit.ofWritten(log, progress);
        return audit.audit(request);
    }

    /** Where the tokenizer's rules add no begin token, an empty prompt still gets one: the others are then other questions. */
    private void warnOfMixedBegins(Collection<String> prompts) {
        BeginToken begin = settings.begin();
        boolean empty = prompts.contains("");
        boolean bare = prompts.stream()
                .filter(text -> !text.isEmpty())
                .anyMatch(text -> Arrays.equals(
                        models.prior().prompt(text, begin), models.prior().prompt(text, BeginToken.NO)));
        if (begin == BeginToken.AUTO && empty && bare) {
            progress.accept(
                    "warning: the begin token comes in front of the empty prompt alone; where the tuning had it in front"
                            + " of all prompts, say so (bos yes)");
        }
    }

    /**
     * Every completion of every prompt, enumerated.
     *
     * @param prompts what the models go on from
     * @param horizon tokens after which texts are cut, 1 or more
     * @return the source; its request must name a reward of texts
     */
    public AuditSource exact(Prompts prompts, int horizon) {
        return request -> {
            Map<String, RewardExpression> rewards = rewards(request, RewardExpression::parse);
            warnOfMixedBegins(prompts.texts());
            WeightSum total = WeightSum.of(prompts.weights().values().stream()
                    .mapToDouble(Double::doubleValue)
                    .toArray());
            ExactCompletions enumeration = new ExactCompletions(
                    2, List.copyOf(rewards.values()), models.prior().texts().tokenizer());
            enumeration.check(
                    models.transformers().get(0).vocabulary(),
                    horizon,
                    prompts.texts().size());
            List<ExactPrompt> exact = new ArrayList<>();
            long completions = 0;
            for (String prompt : prompts.texts()) {
                int[] ids = models.prompt(prompt, settings.begin(), horizon);
                ExactCompletions.Columns all = enumeration.of(models.transformers(), prompt, ids, horizon);
                completions += all.size();
                progress.accept(String.format("%,d completions of '%s'", all.size(), prompt));
                exact.add(all.audited(prompt, total.share(prompts.weights().getOrDefault(prompt, Double.NaN))));
            }
            List<String> names = List.copyOf(rewards.keySet());
            String reward = names.get(0);
            RangeWatch watch = watch(request, prompts, exact);
            RewardMagnitude.check(prompts.input().name(), exact, names);
            StepAudit step = Audit.of(exact, names, watch.on(request.options(reward, names)));
            String described = String.format(
                    "exact: all %,d completions of %s up to %d tokens",
                    completions, FigureFormat.counted(exact.size(), "prompt"), horizon);
            return described(new AuditOutcome("", described, reward, List.of(step), models.inputs())
                    .with(List.of(prompts.input())));
        };
    }

    private static RangeWatch watch(AuditRequest request, Prompts prompts, List<ExactPrompt> exact) {
        RangeWatch watch = new RangeWatch(request, prompts.input().name());
        for (ExactPrompt prompt : exact) {
            for (double value : prompt.rewards()[0]) { // of the audited reward, the first
                watch.see(prompt.text(), value);
            }
        }
        return watch;
    }

    /** With what the models' files say, and their names as the title. */
    private AuditOutcome described(AuditOutcome outcome) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("end", models.policy().describeEnds());
        facts.put("model-precision", models.policy().describePrecision());
        if (!models.warnings().isEmpty()) {
            facts.put("model-warnings", String.join("; ", models.warnings()));
        }
        return outcome.of(facts)
                .gated(models.precision())
                .titled(models.policy().title() + " against " + models.prior().title());
    }

    /** A program or a server may be slow or dear: it is not asked about texts that nobody wanted. */
    private static boolean isComputedHere(AuditRequest request) {
        try {
            RewardExpression.parse(asked(request).text());
            return true;
        } catch (InputException e) {
            return false;
        }
    }

    private static RewardName asked(AuditRequest request) {
        String reward = request.reward();
        if (reward == null) {
            throw InputException.ofSetting(
                    "reward", "missing", "name the reward that the policy was tuned for, such as contains:TEXT");
        }
        return RewardName.of(reward);
    }

    /** Rewards that are computed of a log's texts; none where its own are asked for. */
    private static Map<String, RewardExpression> computed(AuditRequest request) {
        return request.reward() != null && RewardName.of(request.reward()).isExpression()
                ? rewards(request, RewardExpression::parseTogether)
                : Map.of();
    }

    /** The audited reward, the first, and the candidates, by the names they were given. */
    private static Map<String, RewardExpression> rewards(
            AuditRequest request, Function<String, RewardExpression> parser) {
        Map<String, RewardExpression> rewards = new LinkedHashMap<>();
        rewards.put(asked(request).name(), parser.apply(asked(request).text()));
        for (String candidate : request.candidates()) {
            RewardName rival = RewardName.of(candidate);
            RewardExpression expression = InputException.reading("candidate", () -> parser.apply(rival.text()));
            if (!expression.equals(rewards.getOrDefault(rival.name(), expression))) {
                throw InputException.ofSetting(
                        "candidate", candidate, "the name " + rival.name() + " stands for another reward already");
            }
            rewards.put(rival.name(), expression);
        }
        return rewards;
    }
}
