package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import dev.credence.core.audit.Finding;
import dev.credence.core.evidence.LogBounds;
import dev.credence.core.evidence.RewardType;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.TableModel;
import dev.credence.lab.conditioning.Answer;
import dev.credence.lab.conditioning.ParticleFindings;
import dev.credence.lab.conditioning.TableParticles;
import dev.credence.methods.DrawnEvidence;
import dev.credence.methods.ParticleModel;
import dev.credence.methods.ParticleRun;
import dev.credence.methods.Smc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * Intervals and bounds of sequential Monte Carlo, on texts of a few letters that are all known. log Z is a sum over the texts. What a
 * particle's law is, and what runs of so many particles come to on average, is told by {@value #REFERENCE} other runs a prompt, whose own
 * error is a small part of the intervals'.
 */
final class ParticleIntervals {
    private static final int REFERENCE = 2000;
    private static final int[] PROMPT = {0};
    private static final double WIDEST = 60; // copies, among which the nearest posterior is looked for
    private static final int HALVINGS = 100;

    private ParticleIntervals() {}

    /** What many runs of one prompt come to. */
    private record Law(
            double moved, double reward, double lower, double upper, double ess, double resamplings, double tokens) {
        static Law of(KnownWorld texts, ParticleModel model, RandomGenerator random) {
            List<ParticleRun> runs = model.runs(PROMPT, REFERENCE, random);
            int size = texts.rewards().length;
            double[] mean = new double[size];
            double[] square = new double[size];
            for (ParticleRun run : runs) {
                double[] own = new double[size];
                double total = LogMath.logSumExp(run.logWeights());
                for (int k = 0; k < run.logWeights().length; k++) {
                    int[] tokens = run.texts().get(k).sample().tokens();
                    own[texts.place(tokens, letters(tokens))] += Math.exp(run.logWeights()[k] - total);
                }
                for (int i = 0; i < size; i++) {
                    mean[i] += own[i] / REFERENCE;
                    square[i] += own[i] * own[i] / REFERENCE;
                }
            }
            double moved = 0;
            double reward = 0;
            for (int i = 0; i < size; i++) {
                if (mean[i] > 0) {
                    double variance = (square[i] - mean[i] * mean[i]) / REFERENCE;
                    // What the scatter of a probability adds to p log p on average is taken away again.
                    moved += mean[i] * (Math.log(mean[i]) - texts.logPrior()[i]) - variance / (2 * mean[i]);
                    reward += mean[i] * texts.rewards()[i];
                }
            }
            return new Law(
                    moved,
                    reward,
                    mean(runs),
                    mean(model.runsFromPosterior(PROMPT, REFERENCE, random)),
                    runs.stream()
                            .mapToDouble(ParticleRun::effectiveSize)
                            .average()
                            .orElseThrow(),
                    runs.stream().mapToInt(ParticleRun::resamplings).average().orElseThrow(),
                    runs.stream().mapToLong(ParticleRun::tokens).average().orElseThrow());
        }

        private static double mean(List<ParticleRun> runs) {
            return runs.stream()
                    .mapToDouble(ParticleRun::logPartition)
                    .average()
                    .orElseThrow();
        }
    }

    /** How many tokens of a completion stand before its end. */
    private static int letters(int[] tokens) {
        int length = 0;
        while (length < tokens.length && tokens[length] > 0) {
            length++;
        }
        return length;
    }

    /** Some prompts, a number of particles and of runs, and what the runs say. */
    static Map<String, Figure> draw(RandomGenerator random) {
        SplittableRandom own = new SplittableRandom(random.nextLong());
        int prompts = 1 + own.nextInt(3);
        int particles = (int) Draws.logUniform(own, 2, 33);
        int runs = (int) Draws.logUniform(own, 10, 301);
        double beta = Draws.logUniform(own, 0.4, 3);
        int letters = 2 + own.nextInt(2);
        boolean isKnown = own.nextBoolean(); // log Z, by a search; else both bounds stand in for it
        Smc how = (own.nextBoolean()
                        ? Smc.of(particles)
                        : Smc.twisted(particles).expecting(Smc.Expected.NONE))
                .atKl(beta);
        List<KnownWorld> worlds = new ArrayList<>();
        List<Law> laws = new ArrayList<>();
        List<ParticleFindings.OfPrompt> drawn = new ArrayList<>();
        for (int i = 0; i < prompts; i++) {
            KnownWorld texts = KnownWorld.draw(own, letters, 2 + own.nextInt(2));
            TokenEvidence evidence = texts.evidence();
            ParticleModel model = how.condition(texts.model(), DrawnEvidence.of(ids -> evidence), texts.longest() + 1);
            drawn.add(new ParticleFindings.OfPrompt(
                    1.0 / prompts,
                    model.runs(PROMPT, runs, own),
                    model.runsFromPosterior(PROMPT, runs, own),
                    "",
                    isKnown ? model.logPartition(PROMPT) : LogBounds.UNBOUNDED));
            laws.add(Law.of(texts, model, own));
            worlds.add(texts);
        }
        ParticleFindings findings = new ParticleFindings(drawn, 1 / beta);
        Map<String, Finding> said = new TreeMap<>(findings.byId());
        said.putAll(findings.ledger());
        Map<String, Figure> figures = new TreeMap<>();
        truths(worlds, laws, 1 / beta, isKnown).forEach((id, truth) -> {
            Finding finding = said.get(id);
            if (finding != null) {
                figures.put("particles, " + id, Figure.of(finding, truth));
            }
        });
        figures.put("particles on a table, ess", onTable(prompts, particles, beta, own));
        return figures;
    }

    /**
     * Of evidence that takes two values, a run's effective size depends on how many of its particles have the larger: their number is
     * binomial, so that the mean is a sum.
     */
    private static Figure onTable(int prompts, int particles, double beta, SplittableRandom random) {
        Map<String, Distribution> rows = new TreeMap<>();
        Map<String, Double> rewards = new TreeMap<>();
        double truth = 0;
        for (int i = 0; i < prompts; i++) {
            double good = Draws.logUniform(random, .01, .99);
            double bonus = Math.abs(random.nextGaussian());
            String prompt = "prompt " + i;
            rows.put(prompt, Distribution.of(Map.of("good", good, "bad", 1 - good)));
            rewards.put(prompt, bonus);
            double mass = Math.exp(particles * Math.log1p(-good)); // of no particle that is good
            double weight = Math.exp(bonus / beta);
            for (int k = 0; k <= particles; k++) {
                double sum = k * weight + particles - k;
                truth += mass * sum * sum / (k * weight * weight + particles - k) / prompts;
                mass *= (particles - k) / (k + 1.0) * good / (1 - good);
            }
        }
        Answer.Asked asked = new Answer.Asked(
                TableModel.of(rows),
                "good",
                (prompt, text) -> text.equals("good") ? rewards.getOrDefault(prompt, 0.0) : 0,
                beta,
                RewardType.SCORE,
                null);
        Finding ess = TableParticles.findings(Smc.of(particles).atKl(beta), asked, random.nextLong())
                .get("ess");
        return Figure.of(Objects.requireNonNull(ess), truth);
    }

    private static Map<String, Double> truths(List<KnownWorld> worlds, List<Law> laws, double copies, boolean isKnown) {
        double weight = 1.0 / worlds.size();
        double logZ = 0;
        double moved = 0;
        double reward = 0;
        double below = 0;
        double above = 0;
        double ess = 0;
        double resamplings = 0;
        double tokens = 0;
        for (int i = 0; i < worlds.size(); i++) {
            Law law = laws.get(i);
            logZ += weight * worlds.get(i).logPartition(copies);
            moved += weight * law.moved;
            reward += weight * law.reward;
            below += weight * law.lower;
            above += weight * law.upper;
            ess += weight * law.ess;
            resamplings += weight * law.resamplings;
            tokens += weight * law.tokens;
        }
        double explained = explained(worlds, reward);
        Map<String, Double> truths = new TreeMap<>();
        truths.put("log_z", logZ);
        truths.put("kl.policy_aimed.bound", (isKnown ? logZ : above) - below);
        truths.put("kl.aimed_policy.bound", above - (isKnown ? logZ : below));
        truths.put("kl.policy_prior", moved);
        truths.put("kl.policy_asked", Math.max(0, moved - copies * reward + logZ));
        truths.put("kl.explained", explained);
        truths.put("kl.departure", Math.max(0, moved - explained));
        truths.put("bayes_fraction", Math.min(1, explained / moved));
        truths.put("ess", ess);
        truths.put("resamplings", resamplings);
        truths.put("tokens.drawn", tokens);
        return truths;
    }

    /** The largest λR − log Z(λ): how far the posterior of the same mean reward is from the prior. */
    private static double explained(List<KnownWorld> worlds, double reward) {
        double low = -WIDEST;
        double high = WIDEST;
        for (int i = 0; i < HALVINGS; i++) {
            double copies = (low + high) / 2;
            double mean = worlds.stream()
                    .mapToDouble(texts -> texts.posteriorMean(copies))
                    .average()
                    .orElseThrow();
            if (mean < reward) {
                low = copies;
            } else {
                high = copies;
            }
        }
        double copies = (low + high) / 2;
        double logZ = worlds.stream()
                .mapToDouble(texts -> texts.logPartition(copies))
                .average()
                .orElseThrow();
        return copies * reward - logZ;
    }
}
