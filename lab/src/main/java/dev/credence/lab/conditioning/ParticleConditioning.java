package dev.credence.lab.conditioning;

import dev.credence.core.audit.StepAudit;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.model.Sample;
import dev.credence.core.model.Sampling;
import dev.credence.core.probability.LogMath;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rollouts.DrawnRecord;
import dev.credence.data.rollouts.RolloutLogWriter;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.methods.ConditionedModel;
import dev.credence.methods.Conditioner;
import dev.credence.methods.DrawnEvidence;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.ParticleModel;
import dev.credence.methods.ParticleRun;
import dev.credence.methods.Smc;
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
 * Conditions a model by sequential Monte Carlo: runs from the prior and, where exact draws of the posterior are to be had, runs that
 * retain one. Each text of the policy is a particle of a run of its own.
 */
final class ParticleConditioning {
    private static final int LEAST = 2; // runs of a prompt, without which nothing is known of their scatter

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
    ParticleConditioning(
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

    /** One prompt's texts, and its runs. */
    private record Cell(DrawnPrompt texts, ParticleFindings.OfPrompt runs, long drawn) {}

    /**
     * Runs and audits.
     *
     * @param conditioner the method
     * @param given its settings as typed
     * @param log where the particles go, or null
     * @return what came of it
     * @throws IOException if the log cannot be written
     * @throws InputException if the budget is spent before there are two runs of each prompt
     */
    Answer run(Conditioner conditioner, MethodOptions given, @Nullable Path log) throws IOException {
        Smc method = (Smc) conditioner.with(given);
        DrawnEvidence onTokens = TokensAsked.of(prompts, evidence, given.rewardType());
        long start = System.nanoTime();
        List<Cell> cells;
        ParticleModel policy;
        try {
            policy = method.condition(prompts.model().transformer(), onTokens, prompts.horizon());
            String from = method.twistFrom().orElse("");
            if (!from.isEmpty()) {
                policy.use(TwistFolder.read(from, prompts));
            }
            cells = cells(conditioner.card().name(), policy, onTokens);
        } catch (IllegalArgumentException e) {
            throw Asking.refusal(conditioner.card().name(), e);
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        ParticleFindings figures =
                new ParticleFindings(cells.stream().map(cell -> cell.runs).toList(), policy.copies());
        long texts =
                cells.stream().mapToLong(cell -> cell.texts.policy().size()).sum();
        long drawn = cells.stream().mapToLong(cell -> cell.drawn).sum();
        progress.accept(String.format(
                Locale.ROOT,
                "%s: %,d texts of the policy, each of a run of %,d particles; %,d texts computed in all, %s s",
                conditioner.card().name(),
                texts,
                method.particles(),
                drawn,
                FigureFormat.of(seconds)));
        DrawnAudit audit = new DrawnAudit(
                cells.stream().map(cell -> cell.texts).toList(),
                policy,
                Answer.options(policy.aim(), asked, question.seed()),
                OptionalInt.empty(),
                texts * method.particles());
        StepAudit outcome = figures.over(audit.run().audit(), policy.copies() == 1 / asked.beta());
        if (log != null) {
            write(cells, policy, log);
            Path heads = log.resolveSibling(TwistFolder.NAME);
            if (TwistFolder.write(policy, prompts, asked.words(), heads)) {
                progress.accept("wrote " + heads + ", the twists that were learned");
            }
        }
        return new Answer(
                Answer.label(conditioner, given),
                asked.words(),
                conditioner.card().name(),
                conditioner.inForce(given),
                policy.aim(),
                null,
                new Answer.Cost(OptionalDouble.of(method.particles()), OptionalLong.of(drawn), seconds),
                outcome,
                outcome.findings());
    }

    private List<Cell> cells(String name, ParticleModel policy, DrawnEvidence onTokens) {
        SplittableRandom seeds = new SplittableRandom(question.seed());
        double total = question.prompts().values().stream()
                .mapToDouble(Double::doubleValue)
                .sum();
        long budget = budget(policy);
        List<Cell> cells = new ArrayList<>();
        for (Map.Entry<String, Double> each : question.prompts().entrySet()) {
            int[] ids = Objects.requireNonNull(prompts.ids().get(each.getKey()));
            SplittableRandom random = seeds.split();
            long share = budget / question.prompts().size() - policy.learningDraws();
            String why = policy.whyNoDraws(ids);
            int kinds = why.isEmpty() ? 2 : 1;
            long most = share / (kinds * (long) policy.particles());
            if (most < LEAST) {
                throw InputException.ofSetting(
                        "draws",
                        Long.toString(budget),
                        "the budget is spent: " + name + " needs two runs of " + policy.particles()
                                + " particles for each prompt and bound"
                                + (policy.learningDraws() == 0
                                        ? ""
                                        : ", and " + policy.learningDraws() + " draws to learn from")
                                + "; allow more draws, or use fewer particles");
            }
            int n = (int) Math.min(question.samples(), most);
            if (n < question.samples()) {
                progress.accept(String.format(
                        Locale.ROOT,
                        "%s: the budget is spent: %,d of %,d runs of prompt '%s'",
                        name,
                        n,
                        question.samples(),
                        each.getKey()));
            }
            if (!why.isEmpty()) {
                progress.accept("warning: prompt '" + each.getKey() + "' has no upper bound of log Z: " + why);
            }
            List<Sample> prior = prompts.model()
                    .transformer()
                    .sample(ids, question.samples(), Sampling.upTo(prompts.horizon()), random);
            double[] logLikelihoods = onTokens.logLikelihoods(ids, prior);
            List<ConditionedModel.Text> own = new ArrayList<>();
            for (int i = 0; i < logLikelihoods.length; i++) {
                own.add(new ConditionedModel.Text(prior.get(i), logLikelihoods[i]));
            }
            List<ParticleRun> runs = policy.runs(ids, n, random);
            List<ParticleRun> retaining = why.isEmpty() ? policy.runsFromPosterior(ids, n, random) : List.of();
            requireDigits(policy, runs);
            SplittableRandom choices = random.split();
            List<ConditionedModel.Text> texts = runs.stream()
                    .filter(ParticleRun::isAlive)
                    .map(run -> run.draw(choices))
                    .toList();
            if (texts.size() < LEAST) {
                throw InputException.ofSetting(
                        "particles",
                        Integer.toString(policy.particles()),
                        texts.size() + " of " + n + " runs for prompt '" + each.getKey()
                                + "' have a particle with the evidence: use more particles, or another twist");
            }
            double weight = each.getValue() / total;
            long drawn = (long) n * kinds * policy.particles() + policy.learningDraws() + prior.size();
            cells.add(new Cell(
                    new DrawnPrompt(each.getKey(), weight, ids, own, texts, new double[0]),
                    new ParticleFindings.OfPrompt(weight, runs, retaining, why, policy.logPartition(ids)),
                    drawn));
        }
        return cells;
    }

    /** Weights of particles are differences of what log Z is made of. */
    private static void requireDigits(ParticleModel policy, List<ParticleRun> runs) {
        for (ParticleRun run : runs) {
            if (!LogMath.hasDigits(run.logPartition())) {
                throw InputException.ofSetting(
                        "beta",
                        String.valueOf(1 / policy.copies()),
                        "it must be larger: log Z is about " + FigureFormat.inWords(run.logPartition())
                                + " nats, beside which the prior's logarithms are rounded away");
            }
        }
    }

    /** Texts that may be drawn; without a limit for the draws that are asked for, runs of both kinds for each text of an audit. */
    private long budget(ParticleModel policy) {
        Long most = question.draws();
        long prompts = question.prompts().size();
        long standard = DrawnConditioning.DRAWS_A_TEXT * question.samples();
        return most == null
                ? prompts * (policy.learningDraws() + Math.max(standard, 2L * LEAST * policy.particles()))
                : most;
    }

    /**
     * Draws of the prior, and for each prompt as many particles of all its runs, systematically by the run's estimate of Z times the
     * particle's weight: draws of the tilt, those of a run in a group.
     */
    private void write(List<Cell> cells, ParticleModel policy, Path log) throws IOException {
        Files.createDirectories(Objects.requireNonNull(log.toAbsolutePath().getParent()));
        SplittableRandom random = new SplittableRandom(question.seed() ^ cells.size());
        List<DrawnRecord> records = new ArrayList<>();
        long left = 0;
        for (Cell cell : cells) {
            for (ConditionedModel.Text text : cell.texts.prior()) {
                if (text.logLikelihood() > Double.NEGATIVE_INFINITY) {
                    records.add(record(cell, text, "prior", DrawnRecord.HowDrawn.PLAIN));
                } else {
                    left++;
                }
            }
            DrawnRecord.HowDrawn tilt = DrawnRecord.HowDrawn.tilt(policy.copies());
            List<ParticleRun> runs = cell.runs.runs();
            int[][] chosen = pooled(runs, question.samples(), random.nextDouble());
            for (int[] one : chosen) {
                ConditionedModel.Text text = runs.get(one[0]).texts().get(one[1]);
                records.add(record(cell, text, "tilt", tilt).inGroup("run " + one[0]));
            }
        }
        RolloutLogWriter.write(log, records);
        progress.accept("wrote " + log + ", to be audited with a policy's checkpoint"
                + (left == 0 ? "" : "; " + left + " draws that the evidence excludes are left out"));
    }

    private DrawnRecord record(Cell cell, ConditionedModel.Text text, String source, DrawnRecord.HowDrawn how) {
        Sample sample = text.sample();
        DrawnRecord plain = new DrawnRecord(
                cell.texts.text(),
                prompts.model().texts().text(sample),
                sample.tokens(),
                sample.finished(),
                source,
                Map.of(asked.rewardName(), text.logLikelihood()),
                Math.min(0, sample.logProb()),
                Double.NaN,
                Double.NaN,
                cell.texts.weight());
        return plain.by(how);
    }

    /** (n) run and particle, by evenly spaced points on all weights. */
    static int[][] pooled(List<ParticleRun> runs, int n, double u) {
        double[] totals = runs.stream().mapToDouble(ParticleRun::logPartition).toArray();
        double most = Arrays.stream(totals).max().orElseThrow();
        double[] shares = Arrays.stream(totals).map(z -> Math.exp(z - most)).toArray();
        double sum = Arrays.stream(shares).sum();
        int[][] chosen = new int[n][];
        double before = 0;
        int made = 0;
        for (int r = 0; r < shares.length && made < n; r++) {
            if (shares[r] == 0) {
                continue;
            }
            double[] weights = runs.get(r).logWeights();
            double largest = Arrays.stream(weights).max().orElseThrow();
            double own = Arrays.stream(weights).map(w -> Math.exp(w - largest)).sum();
            for (int k = 0; k < weights.length && made < n; k++) {
                before += shares[r] / sum * Math.exp(weights[k] - largest) / own;
                while (made < n && (made + u) / n < before) {
                    chosen[made++] = new int[] {r, k};
                }
            }
        }
        return Arrays.copyOf(chosen, made);
    }
}
