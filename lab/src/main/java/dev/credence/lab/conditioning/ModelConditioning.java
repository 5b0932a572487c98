package dev.credence.lab.conditioning;

import dev.credence.core.audit.Audit;
import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.audit.Finding;
import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.Divergences;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.rewards.EvidenceSpace;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.data.runs.StoredRun;
import dev.credence.hub.BeginToken;
import dev.credence.hub.Checkpoint;
import dev.credence.lab.models.ExactCompletions;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.lab.models.ModelWorld;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.posteriors.PosteriorQuestion;
import dev.credence.lab.posteriors.Posteriors;
import dev.credence.lab.processes.ProcessPlaces;
import dev.credence.lab.processes.RunProcess;
import dev.credence.lab.rollouts.DrawnModels;
import dev.credence.lab.rollouts.RolloutRun;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import dev.credence.methods.Smc;
import dev.credence.methods.TrainingEnd;
import dev.credence.methods.training.TokenLimit;
import dev.credence.methods.training.TrainedConditioner;
import dev.credence.methods.training.TrainingLimits;
import dev.credence.methods.training.TrainingSettings;
import dev.credence.torch.Transformer;
import dev.credence.torch.training.ProcessGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Conditions a model: methods that train tune a copy of it, the others work on the table of its texts. Audited exactly where
 * the texts can be enumerated, else by rollouts of the saved policy.
 */
public final class ModelConditioning implements AutoCloseable {
    /** More texts than this are not enumerated. */
    private static final double MOST_TEXTS = 6e6;

    private final OpenModel prior;
    private final ModelPrompts prompts;
    private final Question question;
    private final ProcessPlaces places;
    private final String rewardName;
    private final Consumer<String> progress;
    private final boolean enumerable;
    private @Nullable RewardExpression ofEachText;
    private Answer.@Nullable Asked table;

    /**
     * What is asked.
     *
     * @param model the prior's folder, or a server's address
     * @param prompts prompt to weight
     * @param horizon tokens after which texts are cut
     * @param begin whether prompts get the begin token
     * @param asking reward or evidence, and how strongly
     * @param samples texts a prompt and model of a sampled audit
     * @param draws texts that a method which draws may take from the prior in all, or null for the standard
     * @param seed of all draws
     */
    public record Question(
            String model,
            Map<String, Double> prompts,
            int horizon,
            BeginToken begin,
            Asking asking,
            int samples,
            @Nullable Long draws,
            long seed) {}

    /**
     * Loads the model.
     *
     * @param question what is asked
     * @param progress takes lines of progress and warnings
     * @throws InputException if it cannot be loaded, or prompts and horizon do not fit it
     */
    public ModelConditioning(Question question, Consumer<String> progress) {
        this(question, ProcessPlaces.here(1), progress);
    }

    /**
     * Loads the model to train it in several processes.
     *
     * @param question what is asked
     * @param processes that share the steps of methods that train
     * @param progress takes lines of progress and warnings
     * @throws InputException if it cannot be loaded, or prompts and horizon do not fit it
     */
    public ModelConditioning(Question question, ProcessPlaces processes, Consumer<String> progress) {
        this.question = question;
        this.places = processes;
        this.progress = progress;
        question.asking.check();
        this.rewardName = question.asking.name();
        this.prior = OpenModel.open(question.model, places.perMachine());
        if (prior.isServed()) {
            prior.warnings().forEach(progress);
        }
        ModelPrompts.Extent extent =
                new ModelPrompts.Extent(List.copyOf(question.prompts.keySet()), question.horizon, question.begin);
        this.prompts = ModelPrompts.of(prior, extent);
        double texts =
                question.prompts.size() * Math.pow(prior.model().vocabulary().size(), question.horizon);
        this.enumerable = !prior.isServed() && texts <= MOST_TEXTS;
    }

    /** {@return what is asked of every method; its table is a stand-in with the prompts alone until a method needs more} */
    public Answer.Asked asked() {
        if (table != null) {
            return table;
        }
        if (enumerable && question.asking.question().evidence().needsAllTexts()) {
            return table();
        }
        Map<String, Distribution> byPrompt = new LinkedHashMap<>();
        question.prompts.keySet().forEach(prompt -> byPrompt.put(prompt, Distribution.uniform(List.of(""))));
        return asked(TableModel.of(byPrompt, question.prompts), (prompt, text) -> 0);
    }

    /** {@return the prior} */
    public OpenModel prior() {
        return prior;
    }

    /**
     * What a method read.
     *
     * @param prompts as read
     * @param given the method's settings, with the texts of the file that they name
     * @return the model's files, the prompts' and the texts', with their hashes
     */
    public List<Provenance.Input> inputs(Prompts prompts, MethodOptions given) {
        List<Provenance.Input> inputs = new ArrayList<>(prior.inputs());
        inputs.add(prompts.input());
        inputs.addAll(DemonstrationFile.inputs(given.demonstrations()));
        return inputs;
    }

    private Answer.Asked asked(TableModel prior, RewardFunction function) {
        Asking asking = question.asking;
        RewardType type = asking.isOfReward()
                ? asking.rewardType()
                : asking.evidenceOfEachText().rewardType();
        return new Answer.Asked(prior, rewardName, function, asking.beta(), type, asking.words());
    }

    /** What is asked of each text by itself. */
    private RewardExpression reward() {
        if (ofEachText == null) {
            ofEachText = question.asking.ofEachText();
        }
        return ofEachText;
    }

    /** All texts by name, for the methods that work on a table. */
    private Answer.Asked table() {
        if (table == null) {
            if (question.asking.isOfReward()) {
                ModelWorld world = ModelWorld.of(prompts, List.of(reward()), List.of());
                table = asked(weighted(world.prior()), world.reward(reward()));
            } else {
                PosteriorQuestion asked = question.asking.question();
                EvidenceSpace space = Posteriors.space(prompts, asked);
                TableModel prior = weighted(space.prior().orElseThrow());
                table = Answer.Asked.of(
                        space, prior, asked.evidence(), question.asking.beta(), question.asking.rewardType());
            }
        }
        return table;
    }

    private TableModel weighted(TableModel all) {
        Map<String, Distribution> byPrompt = new LinkedHashMap<>();
        question.prompts.keySet().forEach(prompt -> byPrompt.put(prompt, all.given(prompt)));
        return TableModel.of(byPrompt, question.prompts);
    }

    /**
     * Runs a method that does not train: on the table of all texts where they can be listed, else by draws. Sequential Monte Carlo grows
     * texts token by token either way.
     *
     * @param method the method
     * @param given its settings as typed
     * @param log where drawn texts go, or null
     * @return what came of it
     * @throws InputException if the texts are too many, or the budget was spent before there were any
     * @throws IOException if the log cannot be written
     */
    public Answer untrained(Conditioner method, MethodOptions given, @Nullable Path log) throws IOException {
        requireOneByOne(method);
        if (method.with(given) instanceof Smc) {
            Evidence once = question.asking.evidenceOfEachText();
            ParticleConditioning particles = new ParticleConditioning(prompts, question, once, asked(), progress);
            return particles.run(method, given.with(once.rewardType()), log);
        }
        requireReach(method, given);
        boolean draws = method.with(given) instanceof Conditioner.OnModels;
        if (enumerable && (question.draws == null || !draws)) {
            Answer.Asked asked = table();
            return Answer.of(method, given.with(asked.rewardType()), asked.reward(), asked, question.seed);
        }
        Evidence evidence = question.asking.evidenceOfEachText();
        DrawnConditioning drawing = new DrawnConditioning(prompts, question, evidence, asked(), progress);
        return drawing.run(method, given.with(evidence.rewardType()), log);
    }

    /**
     * Refuses, before any work, a method that cannot do what is asked.
     *
     * @param method the method
     * @param given its settings as typed
     * @throws InputException if the texts are too many for it, or it learns from evidence that excludes texts
     */
    public void require(Conditioner method, MethodOptions given) {
        if (method instanceof TrainedConditioner) {
            Answer.requireFinite(method, given, asked(), question.asking::isEventInPart);
        } else {
            requireOneByOne(method);
            requireReach(method, given);
        }
    }

    private void requireOneByOne(Conditioner method) {
        try {
            question.asking.question().checkOfModel();
        } catch (InputException e) {
            throw InputException.ofSetting(
                    "reward",
                    e.value(),
                    "a program or a server is asked about many texts at a time, and "
                            + method.card().name() + " asks one by one; methods that train take it");
        }
    }

    private void requireReach(Conditioner method, MethodOptions given) {
        Conditioner own = method.with(given);
        if (!enumerable && !(own instanceof Conditioner.OnModels) && !(own instanceof Smc)) {
            throw InputException.ofSetting(
                    "method",
                    method.card().name(),
                    "it works on enumerated texts; those up to the horizon are too many. Methods that draw: "
                            + Methods.all().stream()
                                    .filter(Conditioner.OnModels.class::isInstance)
                                    .map(one -> one.card().name())
                                    .collect(Collectors.joining(", ")));
        }
    }

    /**
     * Tunes a copy of the model in a run's folder, and audits it.
     *
     * @param method the method
     * @param given its options
     * @param care how the run is kept
     * @param run its folder; the policy is in it at the end
     * @return what came of it
     * @throws IOException if something cannot be written
     */
    public Answer train(TrainedConditioner method, MethodOptions given, ConditioningPlan.Care care, StoredRun run)
            throws IOException {
        Answer.requireFinite(method, given, asked(), question.asking::isEventInPart);
        DemonstrationFile.warn(given.demonstrations(), progress);
        SelfSelection.of(method, given).ifPresent(own -> progress.accept("warning: " + own.warning(prior.title())));
        try (PolicyTraining.Work work = begin(method, given, care)) {
            PolicyRun.Outcome outcome = new PolicyRun(run, Checkpoint.open(prior.folder()), care.keeping(), progress)
                    .on(places)
                    .go(work);
            progress.accept("the policy is in " + run.path());
            Answer.Cost cost = new Answer.Cost(
                    OptionalDouble.empty(), OptionalLong.of(outcome.last().modelCalls()), outcome.seconds());
            return enumerable
                    ? exact(method, given, cost, outcome.end(), work.policy().transformer())
                    : sampled(method, given, cost, outcome.end(), run.path().toString());
        }
    }

    private PolicyTraining.Work begin(TrainedConditioner method, MethodOptions given, ConditioningPlan.Care care) {
        TrainingSettings settings = method.settings(given, TrainingSettings.Place.MODEL);
        PolicyTraining training =
                new PolicyTraining(prior, question.prompts, question.begin, reward(), question.horizon);
        TrainingLimits limits = care.limits(method.limits(training.standardLimits()));
        return training.begin(method, given, settings, limits);
    }

    /**
     * Takes part in a training that another process keeps.
     *
     * @param method the method
     * @param given its options
     * @param care how the run is kept
     * @param run its folder, which is read alone
     * @param place this process's
     * @throws IOException if something cannot be read, or another process has gone
     */
    void share(
            TrainedConditioner method, MethodOptions given, ConditioningPlan.Care care, StoredRun run, RunProcess place)
            throws IOException {
        try (PolicyTraining.Work work = begin(method, given, care)) {
            PolicyRun.restore(work, run, progress);
            try (ProcessGroup group = place.join()) {
                work.sharing().with(group);
                work.run().run(work.random(), step -> {});
            }
        }
    }

    private Answer exact(
            Conditioner method, MethodOptions given, Answer.Cost cost, TrainingEnd end, Transformer policy) {
        Optional<TokenLimit> limit =
                method.with(given) instanceof TrainedConditioner trained ? trained.tokenLimit() : Optional.empty();
        double[] off = {0};
        List<ExactPrompt> prompts = enumerate(policy, limit.orElse(null), off);
        Answer.Asked asked = asked();
        StepAudit audit =
                Audit.of(prompts, List.of(rewardName), Answer.options(method.aimOnModels(given), asked, question.seed));
        Map<String, Finding> findings = new LinkedHashMap<>(audit.findings());
        RewardLikelihood aimed = method.aimOnModels(given).ofReward();
        if (aimed != null) {
            findings.putAll(Answer.againstAim(prompts, aimed));
        }
        if (limit.isPresent()) {
            Finding there = Answer.offLimit(off[0]);
            findings.put(there.id(), there);
        }
        return run(method, given, cost, end, audit, findings);
    }

    /** All completions; with how far the policy is from a limit that is known token by token, KL in nats. */
    private List<ExactPrompt> enumerate(Transformer policy, @Nullable TokenLimit limit, double[] off) {
        ExactCompletions enumeration =
                new ExactCompletions(2, List.of(reward()), prior.texts().tokenizer());
        ExactCompletions wanted = limit == null ? enumeration : enumeration.keepingIds();
        double total = question.prompts.values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        List<ExactPrompt> prompts = new ArrayList<>();
        question.prompts.forEach((prompt, weight) -> {
            int[] ids = prior.prompt(prompt, question.begin);
            ExactCompletions.Columns all =
                    wanted.of(List.of(prior.transformer(), policy), prompt, ids, question.horizon);
            if (limit != null) {
                double[] end = limit.logProbs(all.ids(), all.logProbs()[0], all.rewards()[0]);
                off[0] += weight / total * Divergences.kl(all.logProbs()[1], end);
            }
            prompts.add(all.audited(prompt, weight / total));
        });
        return prompts;
    }

    private Answer run(
            Conditioner method,
            MethodOptions given,
            Answer.Cost cost,
            TrainingEnd end,
            StepAudit audit,
            Map<String, Finding> findings) {
        return new Answer(
                Answer.label(method, given),
                asked().words(),
                method.card().name(),
                method.inForce(given),
                method.aimOnModels(given),
                null,
                cost,
                audit,
                findings,
                end);
    }

    private Answer sampled(Conditioner method, MethodOptions given, Answer.Cost cost, TrainingEnd end, String policy)
            throws IOException {
        Answer.Asked asked = asked();
        var options = Answer.options(method.aimOnModels(given), asked, question.seed);
        try (ModelPair pair = ModelPair.open(question.model, policy)) {
            RolloutRun.Limits limits = new RolloutRun.Limits(
                    question.samples, question.samples, question.horizon, Double.POSITIVE_INFINITY, 0, question.begin);
            RolloutRun rollouts = new RolloutRun(
                    DrawnModels.of(pair), question.prompts, Map.of(rewardName, reward()), options, limits);
            Path log = Path.of(policy).resolve("rollouts.parquet");
            progress.accept(rollouts.draw(log, progress) + "; wrote " + log);
            StepAudit audit = rollouts.audit(options);
            return run(method, given, cost, end, audit, audit.findings());
        }
    }

    @Override
    public void close() {
        prior.close();
    }
}
