package dev.credence.bench.speed;

import dev.credence.core.diagnostics.RunningMean;
import dev.credence.core.diagnostics.SampleMean;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.TextTokens;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.evidence.TokenReward;
import dev.credence.core.model.CompletionVisitor;
import dev.credence.core.probability.LogMath;
import dev.credence.core.probability.LogSum;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.lab.models.OpenModel;
import dev.credence.methods.DrawnEvidence;
import dev.credence.methods.ParticleModel;
import dev.credence.methods.ParticleRun;
import dev.credence.methods.Smc;
import dev.credence.torch.trie.CompletionTrie;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * How many texts of the prior a method takes for one text at most so far from the posterior: exactly where the law is known, by the runs'
 * bound log Z − E log Ẑ of sequential Monte Carlo.
 */
final class SmcCost {
    private static final int MOST = 4096; // particles, or draws of best-of-n
    private static final int RUNS = 1000;
    private static final double STANDARD_ERRORS = 2;

    private final OpenModel model;
    private final int[] prompt;
    private final int horizon;
    private final double copies;
    private final double[] levels; // of the reward
    private final double[] masses;
    private final double logZ;
    private final DrawnEvidence asked;

    SmcCost(OpenModel model, int[] prompt, int horizon, String reward, double beta) {
        this.model = model;
        this.prompt = prompt;
        this.horizon = horizon;
        this.copies = 1 / beta;
        RewardExpression expression = RewardExpression.parse(reward);
        TextTokens tokens = model.texts().tokenizer().tokens(model.transformer().vocabulary(), horizon);
        TokenReward scored = expression.on(tokens, "");
        Map<Double, LogSum> found = new TreeMap<>();
        for (Levels part :
                new CompletionTrie(List.of(model.transformer())).walk(prompt, horizon, () -> new Levels(scored))) {
            part.masses.forEach((level, mass) ->
                    found.computeIfAbsent(level, key -> new LogSum()).add(mass));
        }
        this.levels = found.keySet().stream().mapToDouble(Double::doubleValue).toArray();
        this.masses = found.values().stream()
                .mapToDouble(sum -> Math.exp(sum.value()))
                .toArray();
        double[] joint = new double[levels.length];
        for (int i = 0; i < joint.length; i++) {
            joint[i] = Math.log(masses[i]) + copies * levels[i];
        }
        this.logZ = LogMath.logSumExp(joint);
        TokenEvidence evidence = Evidence.reward(expression).times(1).on(tokens, "");
        this.asked = DrawnEvidence.of(ids -> evidence);
    }

    /** The prior's mass of each reward. */
    private static final class Levels implements CompletionVisitor {
        private final TokenReward reward;
        private final Map<Double, LogSum> masses = new TreeMap<>();

        Levels(TokenReward reward) {
            this.reward = reward;
        }

        @Override
        public boolean enters(int[] tokens, int length, double[] logProbs) {
            return true;
        }

        @Override
        public void visit(int[] tokens, int length, int end, double[] logProbs) {
            masses.computeIfAbsent(reward.reward(tokens, length, end >= 0), key -> new LogSum())
                    .add(logProbs[0]);
        }
    }

    /**
     * What a method takes.
     *
     * @param method in words
     * @param size particles, or draws of a pool; NaN where it has none
     * @param texts of the prior for one text; ∞ where it never comes so near
     * @param kl from the posterior, nats, or a bound of it
     * @param learning texts that it takes once for all
     */
    record Row(String method, double size, double texts, double kl, long learning) {}

    double logZ() {
        return logZ;
    }

    List<Row> rows(double most, int learning) {
        List<Row> rows = new ArrayList<>();
        double bound = copies * levels[levels.length - 1];
        rows.add(new Row("rejection", Double.NaN, Math.exp(bound - logZ), 0, 0));
        rows.add(bestOfN(most));
        rows.add(particles("smc", Smc.of(1), most));
        rows.add(particles("twisted-smc, twist none", Smc.twisted(1).expecting(Smc.Expected.NONE), most));
        rows.add(particles("twisted-smc, learned", Smc.twisted(1).learning(learning), most));
        rows.add(particles(
                "twisted-smc, contrastive head",
                Smc.twisted(1).learning(learning).learningBy(Smc.TwistLoss.CONTRASTIVE),
                most));
        rows.add(particles(
                "twisted-smc, soft-rl head",
                Smc.twisted(1).learning(learning).learningBy(Smc.TwistLoss.SOFT_RL),
                most));
        rows.add(particles("twisted-smc, exact", Smc.twisted(1), most));
        return rows;
    }

    /** The nearest best-of-n comes, and the fewest draws that are near enough if any are. */
    private Row bestOfN(double most) {
        double nearest = Double.POSITIVE_INFINITY;
        int at = 1;
        for (int n = 1; n <= MOST; n++) {
            double[] log = RewardLikelihood.beats(n).logLikelihoods(levels, masses);
            double kl = 0;
            for (int i = 0; i < levels.length; i++) {
                double logRatio = log[i] + Math.log(n); // Z = 1/n
                kl += masses[i] == 0 || logRatio == Double.NEGATIVE_INFINITY
                        ? 0
                        : masses[i] * Math.exp(logRatio) * (logRatio - copies * levels[i] + logZ);
            }
            if (kl < nearest) {
                nearest = kl;
                at = n;
            }
            if (kl <= most) {
                return new Row("best-of-n", n, n, kl, 0);
            }
        }
        return new Row("best-of-n", at, Double.POSITIVE_INFINITY, nearest, 0);
    }

    private Row particles(String name, Smc how, double most) {
        double kl = Double.POSITIVE_INFINITY;
        int low = 0; // too few
        int high = 1;
        while (high <= MOST && (kl = kl(how, high)) > most) {
            low = high;
            high *= 2;
        }
        while (high - low > 1) {
            int middle = (low + high) / 2;
            double there = kl(how, middle);
            if (there > most) {
                low = middle;
            } else {
                high = middle;
                kl = there;
            }
        }
        long learning = how.twist() == Smc.Expected.LEARNED ? how.twistDraws() : 0;
        return new Row(name, high, kl <= most ? high : Double.POSITIVE_INFINITY, kl, learning);
    }

    /** The bound's upper end. */
    private double kl(Smc how, int particles) {
        Smc sized = how.sized(particles).atKl(1 / copies);
        ParticleModel policy = sized.condition(model.transformer(), asked, horizon);
        RunningMean gap = new RunningMean();
        for (ParticleRun run : policy.runs(prompt, RUNS, new SplittableRandom(1))) {
            gap.add(logZ - run.logPartition());
        }
        SampleMean mean = gap.result();
        return Math.max(0, mean.mean()) + STANDARD_ERRORS * mean.standardError();
    }
}
