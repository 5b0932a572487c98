package dev.credence.lab.conditioning;

import dev.credence.core.diagnostics.BestOfNEstimator;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.probability.LogMath;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rollouts.DrawnRecord;
import dev.credence.data.rollouts.RolloutLogWriter;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.methods.BestOfN;
import dev.credence.methods.ConditionedModel;
import dev.credence.methods.Conditioner;
import dev.credence.methods.DrawnEvidence;
import dev.credence.methods.MethodOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Conditions a model by a method that draws: texts of the prior and of the policy, which the method makes of further texts of the
 * prior, within a budget. What a draw's probability is under the policy comes from the procedure where that knows it, else from
 * the method's aim and the log-likelihoods of all texts drawn from the prior ({@link PolicyWeights}).
 */
final class DrawnConditioning {
    /** Texts of the prior that a method may draw for one of the policy, where nothing is said. */
    static final long DRAWS_A_TEXT = 200;

    private static final int LEAST = 2; // texts of a prompt without which there is no audit

    private final ModelPrompts prompts;
    private final ModelConditioning.Question question;
    private final Evidence evidence;
    private final Answer.Asked asked;
    private final Consumer<String> progress;

    /**
     * A model and what is asked of it.
     *
     * @param prompts the model's texts that are spoken of
     * @param question prompts' weights, texts of an audit, budget and seed
     * @param evidence one copy of what is asked
     * @param asked the same in words
     * @param progress takes lines
     */
    DrawnConditioning(
            ModelPrompts prompts,
            ModelConditioning.Question question,
            Evidence evidence,
            Answer.Asked asked,
            Consumer<String> progress) {
        this.prompts = prompts;
        this.question = question;
        this.evidence = evidence;
        this.asked = asked;
        this.progress = progress;
    }

    /**
     * Draws and audits.
     *
     * @param conditioner a method that draws
     * @param given its settings as typed
     * @param log where the texts go, or null
     * @return what came of it
     * @throws IOException if the log cannot be written
     * @throws InputException if the budget is spent before there are texts of each prompt
     */
    Answer run(Conditioner conditioner, MethodOptions given, @Nullable Path log) throws IOException {
        String name = conditioner.card().name();
        Conditioner.OnModels method = (Conditioner.OnModels) conditioner.with(given);
        long start = System.nanoTime();
        ConditionedModel policy;
        Tally tally = new Tally(budget());
        List<DrawnPrompt> drawn;
        try {
            policy =
                    method.condition(model(), TokensAsked.of(prompts, evidence, given.rewardType()), prompts.horizon());
            drawn = draw(name, policy, tally);
        } catch (IllegalArgumentException e) {
            throw Asking.refusal(name, e);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        long texts = drawn.stream().mapToLong(one -> one.policy().size()).sum();
        progress.accept(String.format(
                Locale.ROOT,
                "%s: %,d texts of the policy from %,d of the prior (%s draws a text, %.3g accepted); %,d computed in all,"
                        + " %,d more for the audit",
                name,
                texts,
                tally.looked,
                FigureFormat.of((double) tally.looked / texts),
                (double) texts / tally.looked,
                tally.computed,
                tally.audited));
        OptionalInt pool = method instanceof BestOfN best
                ? OptionalInt.of((int) Math.pow(best.n(), best.rounds()))
                : OptionalInt.empty();
        Answer.Cost cost = new Answer.Cost(
                OptionalDouble.of((double) tally.looked / texts),
                OptionalLong.of(tally.computed + tally.audited),
                seconds);
        DrawnAudit audit =
                new DrawnAudit(drawn, policy, Answer.options(policy.aim(), asked, question.seed()), pool, tally.looked);
        DrawnAudit.Outcome outcome = audit.run();
        if (log != null) {
            write(drawn, new PolicyWeights(drawn, policy), log);
        }
        return new Answer(
                Answer.label(conditioner, given),
                asked.words(),
                name,
                conditioner.inForce(given),
                policy.aim(),
                null,
                cost,
                outcome.audit(),
                outcome.audit().findings());
    }

    private PredictiveModel model() {
        return prompts.model().model();
    }

    private long budget() {
        Long most = question.draws();
        return most == null
                ? DRAWS_A_TEXT * question.samples() * question.prompts().size()
                : most;
    }

    /** What the method may draw, and what it drew. */
    private static final class Tally {
        private long left;
        private long looked;
        private long computed;
        private long audited;

        Tally(long budget) {
            this.left = budget;
        }
    }

    private List<DrawnPrompt> draw(String method, ConditionedModel policy, Tally tally) {
        SplittableRandom seeds = new SplittableRandom(question.seed());
        double total = question.prompts().values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        DrawnEvidence of = TokensAsked.of(prompts, evidence, asked.rewardType());
        List<DrawnPrompt> all = new ArrayList<>();
        int prompt = 0;
        for (Map.Entry<String, Double> each : question.prompts().entrySet()) {
            int[] ids = Objects.requireNonNull(prompts.ids().get(each.getKey()));
            SplittableRandom random = seeds.split();
            List<Sample> prior = model().sample(ids, question.samples(), Sampling.upTo(prompts.horizon()), random);
            long share = tally.left / (question.prompts().size() - prompt++);
            ConditionedModel.Drawn drawn = policy.sample(ids, question.samples(), share, random);
            tally.left -= drawn.priorDraws();
            tally.looked += drawn.priorDraws();
            tally.computed += drawn.computed();
            tally.audited += prior.size();
            int had = drawn.texts().size();
            if (had < LEAST) {
                throw InputException.ofSetting(
                        "draws",
                        String.valueOf(budget()),
                        "the budget is spent: " + method + " had " + had + " texts of prompt '" + each.getKey()
                                + "' after " + share + " draws of the prior; allow more draws, or ask for less");
            }
            if (drawn.isSpent()) {
                progress.accept(String.format(
                        Locale.ROOT,
                        "%s: the budget is spent: %,d of %,d texts of prompt '%s' after %,d draws of the prior",
                        method,
                        had,
                        question.samples(),
                        each.getKey(),
                        drawn.priorDraws()));
            }
            double[] logLikelihoods = of.logLikelihoods(ids, prior);
            List<ConditionedModel.Text> own = new ArrayList<>();
            for (int i = 0; i < logLikelihoods.length; i++) {
                own.add(new ConditionedModel.Text(prior.get(i), logLikelihoods[i]));
            }
            all.add(new DrawnPrompt(
                    each.getKey(), each.getValue() / total, ids, own, drawn.texts(), drawn.logLikelihoods()));
        }
        return all;
    }

    private void write(List<DrawnPrompt> drawn, PolicyWeights weights, Path log) throws IOException {
        Files.createDirectories(Objects.requireNonNull(log.toAbsolutePath().getParent()));
        List<DrawnRecord> records = new ArrayList<>();
        long left = 0;
        for (int c = 0; c < drawn.size(); c++) {
            DrawnPrompt one = drawn.get(c);
            for (String source : List.of("prior", "policy")) {
                List<ConditionedModel.Text> texts = source.equals("prior") ? one.prior() : one.policy();
                double[] ratios = weights.logRatios(c, texts);
                List<String> spelled = prompts.model()
                        .texts(texts.stream().map(ConditionedModel.Text::sample).toList());
                for (int i = 0; i < ratios.length; i++) {
                    ConditionedModel.Text text = texts.get(i);
                    if (text.logLikelihood() == Double.NEGATIVE_INFINITY || Double.isNaN(ratios[i])) {
                        left++;
                        continue;
                    }
                    Sample sample = text.sample();
                    double logPrior = Math.min(0, sample.logProb());
                    records.add(new DrawnRecord(
                            one.text(),
                            spelled.get(i),
                            sample.tokens(),
                            sample.finished(),
                            source,
                            Map.of(asked.rewardName(), text.logLikelihood()),
                            logPrior,
                            Math.min(0, logPrior + ratios[i]),
                            Double.NaN,
                            one.weight()));
                }
            }
        }
        if (records.isEmpty()) {
            progress.accept("no draw has a finite reward and a probability under the policy: no log is written");
            return;
        }
        RolloutLogWriter.write(log, records);
        progress.accept("wrote " + log
                + (left == 0
                        ? ""
                        : "; " + left + " draws without a finite reward or a policy"
                                + " log-probability are left out"));
    }

    /** From log-likelihoods to log π/π0, by the procedure or by the aim and the draws of the prior. */
    static final class PolicyWeights {
        private final List<DrawnPrompt> drawn;
        private final ConditionedModel policy;

        PolicyWeights(List<DrawnPrompt> drawn, ConditionedModel policy) {
            this.drawn = drawn;
            this.policy = policy;
        }

        /** Whether draws have a probability under the policy at all. */
        boolean areKnown() {
            DrawnPrompt first = drawn.get(0);
            return isByAim()
                    || !Double.isNaN(
                            policy.logRatio(first.ids(), first.prior().get(0).sample()));
        }

        /** Whether they are computed from the draws' log-likelihoods. */
        boolean areByAim() {
            DrawnPrompt first = drawn.get(0);
            return isByAim()
                    && Double.isNaN(
                            policy.logRatio(first.ids(), first.prior().get(0).sample()));
        }

        private boolean isByAim() {
            return policy.isAtAim() && policy.aim().ofReward() != null;
        }

        /** (texts) log π/π0, nats; NaN where neither knows it. */
        double[] logRatios(int prompt, List<ConditionedModel.Text> texts) {
            DrawnPrompt own = drawn.get(prompt);
            double[] exact = texts.stream()
                    .mapToDouble(text -> policy.logRatio(own.ids(), text.sample()))
                    .toArray();
            boolean isKnown = Arrays.stream(exact).noneMatch(Double::isNaN);
            if (isKnown || !isByAim()) {
                return exact;
            }
            return byAim(
                    own,
                    texts.stream()
                            .mapToDouble(ConditionedModel.Text::logLikelihood)
                            .toArray());
        }

        /** (values) log π/π0 of texts of these log-likelihoods: L(r)/Z with the draws' masses. */
        double[] byAim(DrawnPrompt own, double[] values) {
            double[] seen =
                    Arrays.copyOf(own.pool(), own.pool().length + own.prior().size());
            for (int i = 0; i < own.prior().size(); i++) {
                seen[own.pool().length + i] = own.prior().get(i).logLikelihood();
            }
            Arrays.sort(seen);
            double[] levels = new double[seen.length];
            double[] masses = new double[seen.length];
            int distinct = 0;
            for (double value : seen) {
                if (distinct == 0 || levels[distinct - 1] != value) {
                    levels[distinct++] = value;
                }
                masses[distinct - 1] += 1.0 / seen.length;
            }
            double[] atoms = Arrays.copyOf(levels, distinct + values.length);
            System.arraycopy(values, 0, atoms, distinct, values.length);
            double[] mass = Arrays.copyOf(Arrays.copyOf(masses, distinct), distinct + values.length);
            double[] log = Objects.requireNonNull(policy.aim().ofReward()).logLikelihoods(atoms, mass);
            double most = Arrays.stream(log, 0, distinct).max().orElse(0);
            if (!(Math.abs(most) < Double.POSITIVE_INFINITY)) {
                most = 0; // of nothing that is admitted
            }
            double[] joint = new double[distinct];
            for (int i = 0; i < distinct; i++) {
                joint[i] = Math.log(mass[i]) + (log[i] - most); // masses keep their digits beside strong evidence
            }
            double logSum = LogMath.logSumExp(joint);
            double[] ratios = new double[values.length];
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] = log[distinct + i] - most - logSum;
            }
            return ratios;
        }

        /** KL of best-of-n from the prior as the mean over all subsets of n draws, unbiased where the ratios are; NaN of few. */
        double overSubsets(int n) {
            double sum = 0;
            for (DrawnPrompt own : drawn) {
                if (own.pool().length < n) {
                    return Double.NaN;
                }
                sum += own.weight()
                        * BestOfNEstimator.of(own.pool(), byAim(own, own.pool()))
                                .estimate(n);
            }
            return sum;
        }
    }
}
