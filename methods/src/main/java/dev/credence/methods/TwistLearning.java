package dev.credence.methods;

import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.GrowingSequences;
import dev.credence.core.model.PredictiveModel;
import dev.credence.core.probability.LogMath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link TwistHead} is learned: beginnings of the prior's draws with their hidden states, the targets of its loss, and the ascent
 * (docs/theory.md#learned-twists).
 */
final class TwistLearning {
    private static final int STEPS = 300;
    private static final double RATE = 0.05;
    private static final int REFRESH = 15; // steps between new soft targets
    private static final double WEAK = 1; // standard deviation that u and b are held to 0 with
    private static final double STRONG = 0.3; // of W

    /** What a head learns from: a beginning's last token, the hidden state before it, and what the draws behind it have. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Row(int draw, int length, int token, double[] hidden, double soFar) {}

    private final PredictiveModel prior;
    private final TwistHead.Lesson lesson;
    private final Twist soFar;
    private final int horizon;
    private final TwistHead.Loss loss;
    private final int vocabulary;
    private Row[] rows = {};
    private double[][] target = {}; // soft: (rows) log π0(v) + so far of each next token; −∞ where there is none
    private double[][]
            next = {}; // (rows) standardised hidden state of the beginning itself, where it goes on within the horizon
    private @Nullable TwistHead head;

    TwistLearning(PredictiveModel prior, TwistHead.Lesson lesson, Twist soFar, int horizon, TwistHead.Loss loss) {
        this.prior = prior;
        this.lesson = lesson;
        this.soFar = soFar;
        this.horizon = horizon;
        this.loss = loss;
        this.vocabulary = prior.vocabulary().size();
    }

    TwistHead head() {
        return head == null ? new TwistHead(0, vocabulary, horizon).on(soFar) : head.on(soFar);
    }

    /** Hidden states of every open beginning of the draws, read side by side. */
    void read() {
        int n = lesson.drawn().size();
        ArrayList<Row> found = new ArrayList<>();
        ArrayList<double[]> soft = new ArrayList<>();
        ArrayList<double[]> states = new ArrayList<>();
        int[] sequence = new int[n];
        int[] row = new int[n];
        Arrays.fill(row, -1);
        try (GrowingSequences grown = prior.sequences(lesson.prompt(), horizon)) {
            for (int t = 0; t + 1 < horizon; t++) {
                double[] hidden = grown.hidden();
                double[] logits = grown.logits();
                int rowsNow = logits.length / vocabulary;
                int d = hidden.length / rowsNow;
                if (d == 0) {
                    throw TwistHead.noStates();
                }
                if (head == null) {
                    head = new TwistHead(d, vocabulary, horizon);
                }
                int alive = 0;
                int[] parents = new int[n];
                int[] tokens = new int[n];
                int[] of = new int[n];
                for (int i = 0; i < n; i++) {
                    int[] own = lesson.drawn().get(i).tokens();
                    int open = own.length - (lesson.drawn().get(i).finished() ? 1 : 0);
                    if (t > 0 && sequence[i] < 0) {
                        continue;
                    }
                    int at = grown.row(sequence[i]) * d;
                    if (row[i] >= 0 && loss == TwistHead.Loss.SOFT_RL) {
                        states.set(row[i], Arrays.copyOfRange(hidden, at, at + d));
                        soft.set(row[i], following(own, t, logits, grown.row(sequence[i])));
                    }
                    double expected = open > t ? soFar.of(own, t + 1) : Double.NEGATIVE_INFINITY;
                    if (expected == Double.NEGATIVE_INFINITY) {
                        sequence[i] = -1;
                        continue;
                    }
                    row[i] = found.size();
                    found.add(new Row(i, t + 1, own[t], Arrays.copyOfRange(hidden, at, at + d), expected));
                    soft.add(new double[0]);
                    states.add(new double[0]);
                    parents[alive] = sequence[i];
                    tokens[alive] = own[t];
                    of[alive++] = i;
                }
                if (alive == 0) {
                    break;
                }
                grown.grow(Arrays.copyOf(parents, alive), Arrays.copyOf(tokens, alive));
                for (int k = 0; k < alive; k++) {
                    sequence[of[k]] = k;
                }
            }
            for (int i = 0;
                    i < n && loss == TwistHead.Loss.SOFT_RL;
                    i++) { // the last beginnings: what follows is a whole text
                if (row[i] >= 0 && soft.get(row[i]).length == 0 && sequence[i] >= 0) {
                    int[] own = lesson.drawn().get(i).tokens();
                    soft.set(row[i], following(own, found.get(row[i]).length, grown.logits(), grown.row(sequence[i])));
                }
            }
        }
        rows = found.toArray(new Row[0]);
        target = soft.toArray(new double[0][]);
        next = states.toArray(new double[0][]);
    }

    /** log π0(v) + so far(xv), or + E(xv) where the text then ends. */
    private double[] following(int[] own, int length, double[] logits, int row) {
        TokenEvidence evidence = Objects.requireNonNull(lesson.evidence());
        double[] all = Arrays.copyOfRange(logits, row * vocabulary, (row + 1) * vocabulary);
        double normaliser = LogMath.logSumExp(all);
        int[] longer = Arrays.copyOf(own, length + 1);
        for (int v = 0; v < vocabulary; v++) {
            longer[length] = v;
            double then = prior.vocabulary().isEnd(v)
                    ? evidence.logLikelihood(longer, length, true)
                    : length + 1 < horizon
                            ? soFar.of(longer, length + 1)
                            : evidence.logLikelihood(longer, length + 1, false);
            all[v] += then - normaliser;
        }
        return all;
    }

    void fit() {
        if (head == null || rows.length == 0) {
            return;
        }
        TwistHead made = head;
        standardise(made);
        double[][] inputs = new double[rows.length][];
        for (int j = 0; j < rows.length; j++) {
            inputs[j] = made.standardised(rows[j].hidden, 0);
            next[j] = next[j].length == 0 ? next[j] : made.standardised(next[j], 0);
        }
        double[] first = new double[made.weights.length];
        double[] second = new double[made.weights.length];
        double[] soft = new double[rows.length];
        for (int step = 1; step <= STEPS; step++) {
            double[] logit = new double[rows.length];
            Arrays.setAll(logit, j -> made.logit(rows[j].token, inputs[j]));
            if ((step - 1) % REFRESH == 0) {
                scale(made, logit);
                for (int j = 0; j < soft.length && loss == TwistHead.Loss.SOFT_RL; j++) {
                    soft[j] = softValue(made, j) - rows[j].soFar;
                }
            }
            double[] pull = loss == TwistHead.Loss.SOFT_RL ? squares(made, logit, soft) : contrast(logit);
            double[] gradient = gradient(made, inputs, pull);
            double rate = RATE * 0.5 * (1 + Math.cos(Math.PI * step / STEPS));
            for (int k = 0; k < gradient.length; k++) {
                first[k] = 0.9 * first[k] + 0.1 * gradient[k];
                second[k] = 0.99 * second[k] + 0.01 * gradient[k] * gradient[k];
                double root = Math.sqrt(second[k] / (1 - Math.pow(0.99, step))) + 1e-8;
                made.weights[k] += rate * first[k] / (1 - Math.pow(0.9, step)) / root;
            }
        }
        double[] logit = new double[rows.length];
        Arrays.setAll(logit, j -> made.logit(rows[j].token, inputs[j]));
        scale(made, logit);
    }

    private void standardise(TwistHead made) {
        for (int k = 0; k < made.width; k++) {
            double sum = 0;
            double square = 0;
            for (Row row : rows) {
                sum += row.hidden[k];
                square += row.hidden[k] * row.hidden[k];
            }
            made.mean[k] = sum / rows.length;
            double variance = square / rows.length - made.mean[k] * made.mean[k];
            made.deviation[k] = variance > 1e-12 ? Math.sqrt(variance) * Math.sqrt(made.width) : 1;
        }
    }

    /** c: at each position the twists of the draws that go on have the mean of their e^E. */
    private void scale(TwistHead made, double[] logit) {
        double[] mass = new double[horizon];
        double[] forecast = new double[horizon];
        Arrays.fill(mass, Double.NEGATIVE_INFINITY);
        Arrays.fill(forecast, Double.NEGATIVE_INFINITY);
        for (int j = 0; j < rows.length; j++) {
            int t = rows[j].length;
            mass[t] = LogMath.logAddExp(mass[t], lesson.logLikelihoods()[rows[j].draw]);
            forecast[t] = LogMath.logAddExp(forecast[t], rows[j].soFar + logit[j]);
        }
        for (int t = 0; t < horizon; t++) {
            made.position[t] = mass[t] > Double.NEGATIVE_INFINITY && forecast[t] > Double.NEGATIVE_INFINITY
                    ? mass[t] - forecast[t]
                    : 0;
        }
    }

    /** log Σ_v π0(v) ψ(xv), with ψ as it is now. */
    private double softValue(TwistHead made, int j) {
        double[] all = target[j].clone();
        if (next[j].length > 0) {
            for (int v = 0; v < all.length; v++) {
                all[v] += prior.vocabulary().isEnd(v) ? 0 : made.position[rows[j].length + 1] + made.logit(v, next[j]);
            }
        }
        return LogMath.logSumExp(all);
    }

    /** Down the squares of what twists are off their soft values. */
    private double[] squares(TwistHead made, double[] logit, double[] soft) {
        double[] pull = new double[rows.length];
        for (int j = 0; j < pull.length; j++) {
            double off = soft[j] - made.position[rows[j].length] - logit[j];
            pull[j] = Double.isFinite(off) ? Math.max(-5, Math.min(5, off)) : 0;
        }
        return pull;
    }

    /** Up by the posterior's share of each beginning, down by that of the prior times twist; each position for its effective draws. */
    private double[] contrast(double[] logit) {
        double[] logMass = new double[horizon];
        double[] logSquares = new double[horizon];
        double[] logForecast = new double[horizon];
        Arrays.fill(logMass, Double.NEGATIVE_INFINITY);
        Arrays.fill(logSquares, Double.NEGATIVE_INFINITY);
        Arrays.fill(logForecast, Double.NEGATIVE_INFINITY);
        for (int j = 0; j < rows.length; j++) {
            int t = rows[j].length;
            double own = lesson.logLikelihoods()[rows[j].draw];
            logMass[t] = LogMath.logAddExp(logMass[t], own);
            logSquares[t] = LogMath.logAddExp(logSquares[t], 2 * own);
            logForecast[t] = LogMath.logAddExp(logForecast[t], rows[j].soFar + logit[j]);
        }
        double[] pull = new double[rows.length];
        for (int j = 0; j < pull.length; j++) {
            int t = rows[j].length;
            if (logMass[t] == Double.NEGATIVE_INFINITY) {
                continue;
            }
            double effective = Math.exp(2 * logMass[t] - logSquares[t]);
            pull[j] = effective
                    * (Math.exp(lesson.logLikelihoods()[rows[j].draw] - logMass[t])
                            - Math.exp(rows[j].soFar + logit[j] - logForecast[t]));
        }
        return pull;
    }

    private double[] gradient(TwistHead made, double[][] inputs, double[] pull) {
        int d = made.width;
        double[] gradient = new double[made.weights.length];
        for (int k = 0; k < gradient.length; k++) {
            double held = k < d + vocabulary ? WEAK : STRONG;
            gradient[k] = -made.weights[k] / (held * held);
        }
        for (int j = 0; j < pull.length; j++) {
            if (pull[j] != 0) {
                int v = rows[j].token;
                gradient[d + v] += pull[j];
                int from = d + vocabulary + v * d;
                for (int k = 0; k < d; k++) {
                    double own = pull[j] * inputs[j][k];
                    gradient[k] += own;
                    gradient[from + k] += own;
                }
            }
        }
        return gradient;
    }
}
