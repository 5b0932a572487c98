package dev.credence.lab;

import dev.credence.core.audit.AuditReport;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.data.corpora.Corpus;
import dev.credence.data.rewards.NamedReward;
import dev.credence.data.runs.StoredRun;
import dev.credence.lab.audits.AuditRequest;
import dev.credence.lab.audits.AuditSource;
import dev.credence.lab.audits.LogAudit;
import dev.credence.lab.audits.LogReading;
import dev.credence.lab.audits.ModelAudit;
import dev.credence.lab.audits.Pilot;
import dev.credence.lab.audits.RolloutSettings;
import dev.credence.lab.audits.TableAudit;
import dev.credence.lab.conditioning.Answer;
import dev.credence.lab.conditioning.ConditioningPlan;
import dev.credence.lab.conditioning.KeptConditioning;
import dev.credence.lab.conditioning.ModelConditioning;
import dev.credence.lab.experiments.Effort;
import dev.credence.lab.experiments.Experiment;
import dev.credence.lab.experiments.ExperimentRun;
import dev.credence.lab.experiments.ExperimentSettings;
import dev.credence.lab.experiments.Experiments;
import dev.credence.lab.experiments.KeptExperiments;
import dev.credence.lab.experiments.KeptSweep;
import dev.credence.lab.experiments.SweepPlan;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.ModelPair;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.Prompts;
import dev.credence.lab.posteriors.ModelPosterior;
import dev.credence.lab.posteriors.PosteriorQuestion;
import dev.credence.lab.posteriors.PosteriorTable;
import dev.credence.lab.posteriors.Posteriors;
import dev.credence.lab.posteriors.SearchRequest;
import dev.credence.lab.rewards.JudgementFile;
import dev.credence.lab.rewards.OpenReward;
import dev.credence.lab.rewards.RewardSettings;
import dev.credence.lab.rewards.RewardTraining;
import dev.credence.lab.runs.Listener;
import dev.credence.lab.training.CorpusInput;
import dev.credence.lab.training.CorpusRun;
import dev.credence.lab.training.CorpusTrainingSettings;
import dev.credence.lab.training.TrainingOutcome;
import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.training.TrainedConditioner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The front door: one call for each thing that people do, over typed settings. What a call does is in the package that its
 * arguments come from. Bad input is an {@link InputException} that names file or setting, value and
 * rule; nothing is printed, and nothing ends the process. docs/java.md has each command of the command line as such a call.
 */
public final class Credence {
    private static final String VERSION =
            Objects.requireNonNullElse(Credence.class.getPackage().getImplementationVersion(), "development");

    private Credence() {}

    /**
     * Audits a log of rollouts.
     *
     * @param request what is asked of it
     * @param log its files, patterns or folders: JSON Lines (plain, gzip, zstd) or Parquet
     * @return figures with intervals, gates and the verdict, step by step
     * @throws IOException if reading fails
     */
    public static AuditReport audit(AuditRequest request, String... log) throws IOException {
        return audit(
                request,
                new LogAudit(List.of(log), InputStream.nullInputStream(), LogReading.standard(), Listener.silent()));
    }

    /**
     * Audits a log of rollouts to plan a larger one from.
     *
     * @param request what is asked of it
     * @param log its files, patterns or folders, as above
     * @return the audit and the records, of the last step where there are several
     * @throws IOException if reading fails
     */
    public static Pilot pilot(AuditRequest request, String... log) throws IOException {
        return new LogAudit(List.of(log), InputStream.nullInputStream(), LogReading.standard(), Listener.silent())
                .pilot(request);
    }

    /**
     * Audits a policy that is written down beside its world, exactly.
     *
     * @param request what is asked of it
     * @param world the world's file, or one that ships with Credence
     * @param policy the policy's table; null where the world's file has it
     * @return exact figures and the verdict
     * @throws IOException if reading fails
     */
    public static AuditReport auditTable(AuditRequest request, String world, @Nullable String policy)
            throws IOException {
        return audit(request, TableAudit.read(world, policy));
    }

    /**
     * Audits a policy checkpoint against its prior, by texts that both draw.
     *
     * @param request what is asked; it names a reward of texts
     * @param models the folders of prior and policy
     * @param prompts what they go on from
     * @param settings how much is drawn
     * @param log where the drawn log goes, to be audited again or by others
     * @param listener takes progress and warnings
     * @return figures with intervals, gates and the verdict
     * @throws IOException if writing fails; the texts drawn so far are kept beside the log, and the same call goes on
     */
    public static AuditReport auditModels(
            AuditRequest request,
            DrawnPair models,
            Prompts prompts,
            RolloutSettings settings,
            Path log,
            Listener listener)
            throws IOException {
        try (ModelPair pair = ModelPair.open(models.prior(), models.policy(), settings.end())) {
            return audit(request, new ModelAudit(pair, settings, listener).drawn(prompts, run -> log));
        }
    }

    /**
     * The folders of two checkpoints.
     *
     * @param prior the prior's
     * @param policy the tuned one's; BASE+ADAPTER for one with an adapter
     */
    public record DrawnPair(String prior, String policy) {}

    /**
     * Audits any source.
     *
     * @param request what is asked of it
     * @param source a log, a table, models, a trainer's dump
     * @return figures with intervals, gates and the verdict
     * @throws IOException if reading or writing fails
     */
    public static AuditReport audit(AuditRequest request, AuditSource source) throws IOException {
        var outcome = source.audit(request);
        Map<String, String> settings = new LinkedHashMap<>(outcome.facts());
        settings.put("reward", outcome.reward());
        settings.put("beta", request.beta() == null ? "not given" : String.valueOf(request.beta()));
        settings.put("reward-type", request.rewardType().word());
        return outcome.report(
                request, new Provenance(VERSION, "Credence.audit", request.seed(), settings, outcome.inputs()));
    }

    /**
     * A world that is known exactly.
     *
     * @param name its file, or one that ships with Credence
     * @return prior, rewards, and a policy where it has one
     */
    public static WorldInput world(String name) {
        return WorldInput.read(name);
    }

    /**
     * A language model; the native libraries are loaded at the first call. A server's is asked, and nothing loaded.
     *
     * @param folder a checkpoint folder; BASE+ADAPTER for one with an adapter; a server's http://HOST:PORT/v1#MODEL
     * @return the model; the caller closes it
     */
    public static OpenModel model(String folder) {
        return OpenModel.open(folder);
    }

    /**
     * Conditions a world by several methods, and audits what each comes to, exactly.
     *
     * @param world the world
     * @param reward its name; null for the only one
     * @param beta KL coefficient β ≥ 0: 1/β copies of the reward are asked for
     * @param methods with their settings, such as {@code BestOfN.of(4)}
     * @return asked, aimed and got, method by method
     */
    public static List<Answer> condition(
            WorldInput world, @Nullable String reward, double beta, Conditioner... methods) {
        return condition(world.world().prior(), world.reward("reward", reward), beta, methods);
    }

    /**
     * Conditions a prior that is known exactly by several methods, and audits what each comes to, exactly.
     *
     * @param prior its texts
     * @param reward of them, and its name
     * @param beta KL coefficient β ≥ 0: 1/β copies of the reward are asked for
     * @param methods with their settings, such as {@code BestOfN.of(4)}
     * @return asked, aimed and got, method by method
     */
    public static List<Answer> condition(TableModel prior, NamedReward reward, double beta, Conditioner... methods) {
        return answers(new Answer.Asked(prior, reward.name(), reward.function(), beta, RewardType.SCORE), methods);
    }

    /**
     * Conditions a world on evidence, in the words of docs/formats.md#evidence.
     *
     * @param world the world
     * @param question one copy of the evidence, and the reward that it is about
     * @param beta KL coefficient β ≥ 0: 1/β copies of the evidence are asked for; 1 for what is seen once
     * @param methods with their settings, such as {@code Quantilizer.of(0.25)}
     * @return asked, aimed and got, method by method
     */
    public static List<Answer> conditionOn(
            WorldInput world, PosteriorQuestion question, double beta, Conditioner... methods) {
        return answers(Answer.Asked.of(world, question, beta, RewardType.SCORE), methods);
    }

    /**
     * Conditions a prior that is known exactly on evidence that Java code has made, seen once.
     *
     * @param prior its texts
     * @param evidence on them, of the whole algebra: {@code and}, {@code times}, {@code bounded}, levels, quantiles, prompts
     * @param methods with their settings, such as {@code Rejection.atKl(1)}
     * @return asked, aimed and got, method by method
     */
    public static List<Answer> conditionOn(TableModel prior, Evidence evidence, Conditioner... methods) {
        return answers(
                new Answer.Asked(
                        prior,
                        evidence.describe(),
                        evidence::logLikelihood,
                        1,
                        evidence.rewardType(),
                        evidence.describe()),
                methods);
    }

    private static List<Answer> answers(Answer.Asked asked, Conditioner... methods) {
        List<Answer> answers = new ArrayList<>();
        for (Conditioner method : methods) {
            MethodOptions none = MethodOptions.none().with(asked.rewardType());
            answers.add(Answer.of(method, none, asked.reward(), asked, 1));
        }
        return answers;
    }

    /**
     * Conditions a model by methods that do not train: exactly where its texts can be listed, else by draws within a budget.
     *
     * @param plan model, prompts, what is asked, and how much may be drawn ({@link ConditioningPlan#drawing})
     * @param listener takes progress and warnings
     * @param methods with their settings, such as {@code Rejection.atKl(0.5)}
     * @return asked, aimed and got, method by method
     * @throws IOException if reading fails
     */
    public static List<Answer> condition(ConditioningPlan plan, Listener listener, Conditioner... methods)
            throws IOException {
        List<Answer> answers = new ArrayList<>();
        try (ModelConditioning model = new ModelConditioning(plan.question(Prompts.read(plan.prompts())), listener)) {
            for (Conditioner method : methods) {
                MethodOptions none = MethodOptions.none().with(plan.asking().rewardType());
                answers.add(model.untrained(method, none, null));
            }
        }
        return answers;
    }

    /**
     * Tunes a copy of a model by a method, in a run's folder that holds the tuned policy in the end, and audits it.
     *
     * @param folder a new one, or an empty one
     * @param plan model, prompts, reward and how strongly it is asked for
     * @param method with its settings, such as {@code PolicyGradient.rloo().atKl(0.1)}
     * @param listener takes progress and warnings
     * @return asked, aimed and got
     * @throws IOException if writing fails; the last checkpoint then stays, and {@link #resume} goes on from it
     */
    public static Answer condition(Path folder, ConditioningPlan plan, TrainedConditioner method, Listener listener)
            throws IOException {
        return KeptConditioning.begin(folder, plan, method, VERSION, listener);
    }

    /**
     * Goes on with a run of {@link #condition(Path, ConditioningPlan, TrainedConditioner, Listener)} that was broken off; it ends
     * with the same bits as one that was not.
     *
     * @param folder the run's
     * @param listener takes progress and warnings
     * @return asked, aimed and got
     * @throws IOException if reading or writing fails
     */
    public static Answer resume(Path folder, Listener listener) throws IOException {
        return KeptConditioning.resume(unfinished(folder), listener).answer();
    }

    /**
     * The exact posterior of a world.
     *
     * @param world the world
     * @param question what was observed, and how often
     * @return figures, outcomes, exact draws
     */
    public static PosteriorTable posterior(WorldInput world, PosteriorQuestion question) {
        return Posteriors.of(world, question);
    }

    /**
     * The exact posterior of a model's texts, searched for where they are many.
     *
     * @param texts behind which prompts, up to which horizon
     * @param question what was observed, and how often
     * @param search how long is searched
     * @param listener hears of terms that are not bounded token by token
     * @return figures, outcomes or bounds, exact draws
     */
    public static ModelPosterior posterior(
            ModelPrompts texts, PosteriorQuestion question, SearchRequest search, Listener listener) {
        return Posteriors.of(texts, question, search, listener);
    }

    /**
     * Trains a transformer on a corpus in a run's folder, which is a checkpoint folder in the end.
     *
     * @param folder a new one, or an empty one
     * @param corpus files of documents, or one world
     * @param settings of the training
     * @param seed of the first weights, the shuffles and what is held out
     * @param listener takes progress and warnings
     * @return losses, steps, parameters
     * @throws IOException if writing fails; the last checkpoint then stays
     */
    public static TrainingOutcome train(
            Path folder, List<String> corpus, CorpusTrainingSettings settings, long seed, Listener listener)
            throws IOException {
        List<String> files = CorpusInput.absolute(corpus);
        Corpus documents = CorpusInput.read(files, settings.corpus(), seed);
        List<Provenance.Input> inputs = new ArrayList<>(documents.inputs());
        inputs.addAll(CorpusRun.inputs(settings));
        StoredRun run = CorpusRun.begin(
                folder, files, new Provenance(VERSION, "Credence.train", seed, settings.named(), inputs));
        return new CorpusRun(run, settings, documents, listener).go();
    }

    /**
     * Goes on with a training that was broken off; it ends with the same bits as one that was not.
     *
     * @param folder the run's
     * @param listener takes progress and warnings
     * @return losses, steps, parameters
     * @throws IOException if reading or writing fails; the last checkpoint then stays
     * @throws InputException if it is done, is no such run, or an input is not what it was
     */
    public static TrainingOutcome resumeTraining(Path folder, Listener listener) throws IOException {
        return CorpusRun.resume(unfinished(folder), listener).go();
    }

    /**
     * Learns a reward model from judgements: a folder in the hub's sequence-classification form, a reward wherever one is named as
     * {@code model:FOLDER}.
     *
     * @param folder a new one, or an empty one
     * @param judgements a file of pairs, approvals or stated probabilities
     * @param settings what it begins with, and how it is learned
     * @param seed of first weights, shuffles and what is held out
     * @param listener takes progress, and may stop it: then nothing is written
     * @return what it foretells of judgements held out, and where it is
     * @throws IOException if reading or writing fails
     */
    public static RewardTraining.Outcome rewardModel(
            Path folder, String judgements, RewardSettings settings, long seed, Listener listener) throws IOException {
        Provenance made = new Provenance(VERSION, "Credence.rewardModel", seed, Map.of(), List.of());
        return RewardTraining.learn(folder, JudgementFile.read(judgements, null), settings, made, listener);
    }

    /**
     * A reward model, a {@code RewardFunction} whose scores are logits; the native libraries are loaded at the first call.
     *
     * @param folder in the hub's sequence-classification form
     * @return the model; the caller closes it
     */
    public static OpenReward reward(String folder) {
        return OpenReward.open(Path.of(folder));
    }

    private static StoredRun unfinished(Path folder) {
        StoredRun run = StoredRun.open(folder);
        if (run.isDone()) {
            throw new InputException(folder.toString(), 0, "", "a run that is done", "there is nothing left to do");
        }
        return run;
    }

    /**
     * Runs an experiment.
     *
     * @param name of one on the class path
     * @param settings key to value; the others have their standards
     * @param listener takes progress, and may stop it
     * @return figures, tables, pictures and conclusion
     * @throws IOException if reading or writing fails
     */
    public static ExperimentRun experiment(String name, Map<String, String> settings, Listener listener)
            throws IOException {
        Experiment experiment = Experiments.byName(name);
        Provenance made = new Provenance(VERSION, "Credence.experiment", 1, Map.of(), List.of());
        return new KeptExperiments.Asked(experiment, ExperimentSettings.of(experiment, settings)).run(made, listener);
    }

    /**
     * Runs several experiments, each into a folder of its own within a run's folder; one that is there already is kept.
     *
     * @param names of experiments on the class path
     * @param effort how much of each
     * @param folder a new one, or an empty one; {@code resume} goes on in it, and writes the page of all
     * @param listener takes progress, and may stop it between experiments
     * @return their figures, tables, pictures and conclusions
     * @throws IOException if reading or writing fails; what is done is kept
     */
    public static List<ExperimentRun> experiments(List<String> names, Effort effort, Path folder, Listener listener)
            throws IOException {
        Provenance made = new Provenance(VERSION, "Credence.experiments", 1, Map.of(), List.of());
        List<KeptExperiments.Asked> asked = new ArrayList<>();
        for (String name : names) {
            Experiment experiment = Experiments.byName(name);
            asked.add(new KeptExperiments.Asked(experiment, ExperimentSettings.of(experiment, effort, Map.of())));
        }
        return KeptExperiments.begin(asked, folder, made).go(listener, (run, own) -> {});
    }

    /**
     * Runs an experiment over a grid or a list of settings, in a run's folder that has a table of every figure in the end.
     *
     * @param plan a YAML file
     * @param folder a new one, or an empty one
     * @param parallel cells at a time
     * @param listener takes progress, and may stop it between cells
     * @return the cells, and what is seen over them
     * @throws IOException if reading or writing fails; what is done is kept
     */
    public static KeptSweep.Outcome sweep(Path plan, Path folder, int parallel, Listener listener) throws IOException {
        Provenance made = new Provenance(VERSION, "Credence.sweep", 1, Map.of(), List.of());
        return KeptSweep.begin(SweepPlan.read(plan, Effort.standard(), Map.of()), plan, folder, made)
                .go(parallel, listener);
    }
}
