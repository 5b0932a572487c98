package dev.credence.lab.rewards;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.data.json.Json;
import dev.credence.methods.rewardmodel.HeldOutScores;
import dev.credence.methods.rewardmodel.Judgement;
import dev.credence.methods.rewardmodel.JudgementLoss;
import dev.credence.methods.rewardmodel.RewardModel;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a reward model's scores foretell of judgements that they were not fitted to.
 *
 * @param kind what raters were asked for
 * @param judgements how many
 * @param heldOut accuracy, log-loss, calibration
 * @param unforeseen log-loss of a forecast that is the same for all judgements, the best there is; nats
 */
public record RewardEvaluation(JudgementKind kind, int judgements, HeldOutScores heldOut, double unforeseen) {
    /** Scores of texts, in their order. */
    @FunctionalInterface
    public interface Scorer {
        /**
         * Scores texts.
         *
         * @param texts to be scored
         * @return (texts) logits
         */
        double[] scores(List<JudgementLoss.Judged> texts);
    }

    /**
     * Judges scores.
     *
     * @param kind of the judgements
     * @param judgements one at least
     * @param scorer the reward model
     * @return what it foretells
     */
    public static RewardEvaluation of(JudgementKind kind, List<Judgement> judgements, Scorer scorer) {
        List<JudgementLoss.Judged> texts = JudgementLoss.of(judgements).texts();
        double[] scores = scorer.scores(texts);
        Map<JudgementLoss.Judged, Double> known = new HashMap<>();
        for (int i = 0; i < scores.length; i++) {
            known.put(texts.get(i), scores[i]);
        }
        return new RewardEvaluation(
                kind, judgements.size(), heldOut(kind, judgements, known), unforeseen(kind, judgements));
    }

    /**
     * Judges a reward model.
     *
     * @param file the judgements
     * @param reward the model
     * @return what it foretells
     */
    public static RewardEvaluation of(JudgementFile file, OpenReward reward) {
        return of(
                file.kind(),
                file.judgements(),
                texts -> reward.scores(texts.stream()
                        .map(text -> new OpenReward.Text(text.prompt(), text.text()))
                        .toList()));
    }

    private static HeldOutScores heldOut(
            JudgementKind kind, List<Judgement> judgements, Map<JudgementLoss.Judged, Double> known) {
        RewardFunction reward =
                (prompt, text) -> Objects.requireNonNull(known.get(new JudgementLoss.Judged(prompt, text)));
        return switch (kind) {
            case PAIRS -> RewardModel.onPairs(reward, of(judgements, Judgement.Pair.class));
            case APPROVALS -> RewardModel.onApprovals(reward, of(judgements, Judgement.Approval.class));
            case PROBABILITIES -> RewardModel.onProbabilities(reward, of(judgements, Judgement.Stated.class));
        };
    }

    private static <T> List<T> of(List<Judgement> judgements, Class<T> type) {
        return judgements.stream().map(type::cast).toList();
    }

    /** Of pairs log 2; of approvals the entropy of their rate. */
    private static double unforeseen(JudgementKind kind, List<Judgement> judgements) {
        if (kind == JudgementKind.PAIRS) {
            return Math.log(2);
        }
        ToDoubleFunction<Judgement> share = one -> one instanceof Judgement.Approval approval
                ? (approval.approved() ? 1 : 0)
                : Math.exp(((Judgement.Stated) one).logProbability());
        double all = judgements.stream().mapToDouble(Judgement::weight).sum();
        double p = judgements.stream()
                        .mapToDouble(one -> one.weight() * share.applyAsDouble(one))
                        .sum()
                / all;
        return p <= 0 || p >= 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log1p(-p);
    }

    /** {@return the figures by id} */
    public Map<String, Finding> findings() {
        Map<String, Finding> findings = new LinkedHashMap<>();
        put(
                findings,
                "accuracy",
                "Share of held-out " + kind.word() + " that the scores foretell?",
                heldOut.accuracyInterval(),
                "share",
                "wilson");
        put(
                findings,
                "log_loss",
                "Mean −log of the probability given to what was said?",
                heldOut.logLossInterval(),
                "nats",
                "student, skewness");
        put(
                findings,
                "calibration",
                "Expected calibration error: how far foretold probabilities are from frequencies, over 20 bins?",
                heldOut.calibrationInterval(),
                "share",
                "normal");
        findings.put(
                "log_loss.constant",
                new Finding(
                        "log_loss.constant",
                        "Log-loss of the best forecast that is the same for all of them?",
                        unforeseen,
                        unforeseen,
                        unforeseen,
                        Grade.EXACT,
                        "nats",
                        null,
                        null));
        return findings;
    }

    private static void put(
            Map<String, Finding> findings, String id, String question, double[] ends, String unit, String interval) {
        findings.put(id, new Finding(id, question, ends[0], ends[1], ends[2], Grade.ESTIMATED, unit, interval, null));
    }

    /**
     * Puts the figures and the bins into a document.
     *
     * @param document takes {@code judgements}, {@code findings}, {@code reliability}, {@code conclusion}, {@code cannotShow}
     */
    public void putIn(Map<String, @Nullable Object> document) {
        document.put("judgements", judgements);
        document.put("findings", Json.findings(findings()));
        document.put(
                "reliability",
                heldOut.reliability().stream()
                        .map(bin -> {
                            Map<String, @Nullable Object> row = new LinkedHashMap<>();
                            row.put("foretold", bin.foretold());
                            row.put("happened", bin.happened());
                            row.put("lower", ends(bin)[0]);
                            row.put("upper", ends(bin)[1]);
                            row.put("judgements", bin.weight());
                            return row;
                        })
                        .toList());
        document.put("conclusion", conclusion());
        document.put("cannotShow", cannotShow());
    }

    /** {@return the bins: what was foretold, how often it came true, how many judgements} */
    public DataTable table() {
        DataTable.Builder table = DataTable.of(
                kind == JudgementKind.PAIRS
                        ? "Reliability: each pair is counted from both sides, one half each"
                        : "Reliability",
                "foretold",
                "happened",
                "from",
                "to",
                "judgements");
        for (HeldOutScores.Bin bin : heldOut.reliability()) {
            double[] ends = ends(bin);
            table.row(bin.foretold(), bin.happened(), ends[0], ends[1], bin.weight());
        }
        return table.build();
    }

    /** Where a share lies, 95 %, if the foretold probability is right. */
    private static double[] ends(HeldOutScores.Bin bin) {
        double half = 1.96 * bin.error();
        return new double[] {Math.max(0, bin.foretold() - half), Math.min(1, bin.foretold() + half)};
    }

    /** {@return the reliability picture: on the diagonal forecasts are right} */
    public Picture picture() {
        List<HeldOutScores.Bin> bins = heldOut.reliability();
        double[] foretold =
                bins.stream().mapToDouble(HeldOutScores.Bin::foretold).toArray();
        return Picture.of(
                "reliability",
                "What was foretold, and how often it came true",
                "On the line forecasts are right; the band about it holds 95 % of what chance makes of as many judgements."
                        + " Points below it at the right and above it at the left are too sure of themselves.",
                Picture.Axis.linear("probability foretold"),
                Picture.Axis.linear("share that came true"),
                List.of(
                        Picture.Series.line("right forecasts", foretold, foretold)
                                .within(
                                        bins.stream()
                                                .mapToDouble(bin -> ends(bin)[0])
                                                .toArray(),
                                        bins.stream()
                                                .mapToDouble(bin -> ends(bin)[1])
                                                .toArray()),
                        Picture.Series.points(
                                "this model",
                                foretold,
                                bins.stream()
                                        .mapToDouble(HeldOutScores.Bin::happened)
                                        .toArray())));
    }

    /** {@return what follows from the figures} */
    public String conclusion() {
        double[] accuracy = heldOut.accuracyInterval();
        double[] loss = heldOut.logLossInterval();
        double[] calibration = heldOut.calibrationInterval();
        String more = loss[2] < unforeseen
                ? "so that they tell more than a forecast that is always the same"
                : loss[0] > unforeseen
                        ? "so that a forecast that is always the same is better: the scores are too sure, or wrong"
                        : "so that these judgements do not tell them from a forecast that is always the same";
        String right = calibration[0] > 0
                ? "more than chance gives: the foretold probabilities are off"
                : "no more than chance gives";
        return String.format(
                Locale.ROOT,
                "Of %,d held-out %s the scores foretell %s %% [%s, %s]. Their log-loss is %s nats [%s, %s] beside %s, %s. The"
                        + " calibration error is %s, %s.",
                judgements,
                kind.word(),
                FigureFormat.of(100 * accuracy[1]),
                FigureFormat.of(100 * accuracy[0]),
                FigureFormat.of(100 * accuracy[2]),
                FigureFormat.of(loss[1]),
                FigureFormat.of(loss[0]),
                FigureFormat.of(loss[2]),
                FigureFormat.of(unforeseen),
                more,
                FigureFormat.of(calibration[1]),
                right);
    }

    /** {@return what the figures leave open} */
    public String cannotShow() {
        return "These judgements are of texts like those that raters saw. Where a policy is driven to texts unlike them, scores may"
                + " be wrong and sure. A score is a logit of a scale of its own: σ(score) is a probability only as far as the"
                + " calibration says, and 1/β copies of it are rounds of choice, not observations.";
    }
}
