package dev.credence.bench.coverage;

import dev.credence.bench.coverage.CoverageSample.Figure;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.lab.rewards.JudgementKind;
import dev.credence.lab.rewards.RewardEvaluation;
import dev.credence.methods.rewardmodel.HeldOutScores;
import dev.credence.methods.rewardmodel.Judgement;
import dev.credence.methods.rewardmodel.RewardModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Intervals of a reward model's held-out scores. Its logits are normal; what is judged comes true by a line of them, right or not. The
 * truth is the same scores of a fine grid of logits, each with its weight and with the probability in the place of a judgement.
 */
final class JudgedIntervals {
    private static final int GRID = 4001;
    private static final double WIDEST = 6; // standard deviations on both sides

    private JudgedIntervals() {}

    /** Logits N(0, spread²), of which it comes true with logit slope · logit + offset. */
    private record Judges(double spread, double slope, double offset) {
        static Judges draw(RandomGenerator random) {
            boolean calibrated = random.nextBoolean();
            return new Judges(
                    Draws.logUniform(random, 0.3, 4),
                    calibrated ? 1 : Draws.logUniform(random, 0.3, 2),
                    calibrated ? 0 : 0.5 * random.nextGaussian());
        }

        boolean isCalibrated() {
            return slope == 1 && offset == 0;
        }

        double probability(double logit) {
            return RewardModel.logistic(slope * logit + offset);
        }

        /** Of pairs the offset says which was shown first and is none: a preference is the same from both sides. */
        Judges ofPairs() {
            return new Judges(spread, slope, 0);
        }
    }

    static Map<String, Figure> draw(RandomGenerator random) {
        Map<String, Figure> figures = new TreeMap<>();
        Judges judges = Judges.draw(random);
        int count = (int) Draws.logUniform(random, 20, 3001);
        List<Judgement.Pair> pairs = new ArrayList<>();
        List<Judgement.Approval> approvals = new ArrayList<>();
        List<Judgement.Stated> stated = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double logit = judges.spread * random.nextGaussian();
            boolean first = random.nextDouble() < judges.ofPairs().probability(logit);
            String above = Double.toString(logit / 2);
            String below = Double.toString(-logit / 2);
            pairs.add(new Judgement.Pair("", first ? above : below, first ? below : above, 1));
            String text = Double.toString(logit);
            approvals.add(new Judgement.Approval("", text, random.nextDouble() < judges.probability(logit), 1));
            stated.add(new Judgement.Stated("", text, Math.log(judges.probability(logit)), 1));
        }
        RewardFunction logit = (prompt, text) -> Double.parseDouble(text);
        HeldOutScores truth = truth(judges);
        put(figures, "pairs", RewardModel.onPairs(logit, pairs), truth(judges.ofPairs()));
        put(figures, "approvals", RewardModel.onApprovals(logit, approvals), truth);
        put(figures, "probabilities", RewardModel.onProbabilities(logit, stated), truth);
        if (judges.isCalibrated()) {
            HeldOutScores scores = RewardModel.onApprovals(logit, approvals);
            band(figures, "pairs", RewardModel.onPairs(logit, pairs), JudgementKind.PAIRS, random);
            band(figures, "approvals", scores, JudgementKind.APPROVALS, random);
        }
        return figures;
    }

    /** The band about the diagonal, of one bin: what chance makes of right forecasts. */
    private static void band(
            Map<String, Figure> figures, String kind, HeldOutScores scores, JudgementKind of, RandomGenerator random) {
        List<List<@Nullable Object>> bins =
                new RewardEvaluation(of, 1, scores, 0).table().rows();
        double[] bin = bins.get(random.nextInt(bins.size())).stream()
                .mapToDouble(cell -> cell instanceof Double number ? number : Double.NaN)
                .toArray();
        figures.put("reward model, " + kind + ": band of a bin", new Figure(bin[2], bin[0], bin[3], bin[1], true));
    }

    private static HeldOutScores truth(Judges judges) {
        List<Judgement.Stated> grid = new ArrayList<>();
        for (int i = 0; i < GRID; i++) {
            double z = WIDEST * (2.0 * i / (GRID - 1) - 1) + 1e-9; // none on the edge between two bins
            double logit = judges.spread * z;
            grid.add(new Judgement.Stated(
                    "", Double.toString(logit), Math.log(judges.probability(logit)), Math.exp(-z * z / 2)));
        }
        return RewardModel.onProbabilities((prompt, text) -> Double.parseDouble(text), grid);
    }

    private static void put(Map<String, Figure> figures, String kind, HeldOutScores scores, HeldOutScores truth) {
        put(figures, kind + ": accuracy", scores.accuracyInterval(), truth.accuracy());
        put(figures, kind + ": log_loss", scores.logLossInterval(), truth.logLoss());
        put(figures, kind + ": calibration", scores.calibrationInterval(), truth.calibrationError());
    }

    private static void put(Map<String, Figure> figures, String id, double[] ends, double truth) {
        if (Double.isFinite(ends[0]) && Double.isFinite(ends[2])) {
            figures.put("reward model, " + id, new Figure(ends[0], ends[1], ends[2], truth, true));
        }
    }
}
