package dev.credence.methods.rewardmodel;

import dev.credence.methods.ConjugateGradients;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Scores of one prompt's texts by maximum likelihood of pairwise preferences: Newton steps whose linear systems are solved by
 * conjugate gradients, so that work grows with the pairs that were judged and not with the cube of the texts.
 *
 * <p>Each text also wins and loses half of {@code strength} judgements against a text of score 0. That keeps a text which always
 * won finite, and the scores centred.
 */
final class BradleyTerry {
    private static final int MOST_STEPS = 500;
    private static final double SMALL_STEP = 1e-7; // nats; Newton's error behind such a step is its square
    private static final int HALVINGS = 60;

    private final int[] winner;
    private final int[] loser;
    private final double[] weight;
    private final int size;
    private final double strength;

    private BradleyTerry(int[] winner, int[] loser, double[] weight, int size, double strength) {
        this.winner = winner;
        this.loser = loser;
        this.weight = weight;
        this.size = size;
        this.strength = strength;
    }

    /**
     * Fits one prompt.
     *
     * @param wins (winner's index, loser's index) as winner · size + loser, to how often
     * @param size how many texts
     * @param strength at least 0; 0 needs finite likelihood maxima
     * @return (texts) scores of mean 0 where strength is 0
     * @throws IllegalArgumentException if without strength a text's score has no finite maximum
     */
    static double[] fit(Map<Long, Double> wins, int size, double strength) {
        int[] winner = new int[wins.size()];
        int[] loser = new int[wins.size()];
        double[] weight = new double[wins.size()];
        int at = 0;
        for (Map.Entry<Long, Double> entry : wins.entrySet()) {
            winner[at] = (int) (entry.getKey() / size);
            loser[at] = (int) (entry.getKey() % size);
            weight[at++] = entry.getValue();
        }
        BradleyTerry problem = new BradleyTerry(winner, loser, weight, size, strength);
        if (strength == 0) {
            problem.requireConnected();
        }
        return problem.solve();
    }

    /** A finite maximum exists only if every text is reached from every other by wins, and by losses (Ford 1957). */
    private void requireConnected() {
        if (!(reached(winner, loser) && reached(loser, winner))) {
            throw new IllegalArgumentException("some texts were never preferred to the others, or always, or never"
                    + " compared with them: without pseudo-judgements their scores have no finite maximum");
        }
    }

    private boolean reached(int[] from, int[] to) {
        List<List<Integer>> next = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            next.add(new ArrayList<>());
        }
        for (int k = 0; k < from.length; k++) {
            next.get(from[k]).add(to[k]);
        }
        boolean[] seen = new boolean[size];
        List<Integer> open = new ArrayList<>(List.of(0));
        seen[0] = true;
        int count = 1;
        while (!open.isEmpty()) {
            for (int i : next.get(open.remove(open.size() - 1))) {
                if (!seen[i]) {
                    seen[i] = true;
                    count++;
                    open.add(i);
                }
            }
        }
        return count == size;
    }

    private double[] solve() {
        double[] s = new double[size];
        double[] diagonal = new double[size];
        double[] curvature = new double[weight.length];
        double[] own = new double[size];
        for (int step = 0; step < MOST_STEPS; step++) {
            double[] gradient = gradient(s, diagonal, curvature, own);
            double[] direction = conjugate(gradient, diagonal, curvature, own);
            double largest = Arrays.stream(direction).map(Math::abs).max().orElse(0);
            double mean =
                    Arrays.stream(direction).average().orElse(0); // a constant is held by the pseudo-judgements alone
            double change =
                    Arrays.stream(direction).map(d -> Math.abs(d - mean)).max().orElse(0);
            double[] before = s;
            s = stepped(s, direction, Math.min(1, 8 / largest));
            if (!(change > SMALL_STEP)) {
                return centred(largest > 1 ? before : s);
            }
        }
        throw new IllegalArgumentException(
                "the scores had not settled after " + MOST_STEPS + " steps: preferences are too near to certain");
    }

    private double[] centred(double[] s) {
        if (strength == 0) {
            double mean = Arrays.stream(s).average().orElse(0);
            Arrays.setAll(s, i -> s[i] - mean);
        }
        return s;
    }

    /** Of the log-likelihood; fills its curvature by pair and by text, and the diagonal of the negative Hessian. */
    private double[] gradient(double[] s, double[] diagonal, double[] curvature, double[] own) {
        double[] gradient = new double[size];
        for (int i = 0; i < size; i++) {
            double p = RewardModel.logistic(s[i]);
            own[i] = strength * p * RewardModel.logistic(-s[i]);
            gradient[i] = strength * (0.5 - p);
            diagonal[i] = own[i];
        }
        for (int k = 0; k < weight.length; k++) {
            double wrong = RewardModel.logistic(s[loser[k]] - s[winner[k]]);
            curvature[k] = weight[k] * wrong * RewardModel.logistic(s[winner[k]] - s[loser[k]]);
            gradient[winner[k]] += weight[k] * wrong;
            gradient[loser[k]] -= weight[k] * wrong;
            diagonal[winner[k]] += curvature[k];
            diagonal[loser[k]] += curvature[k];
        }
        return gradient;
    }

    /** Solves the Newton system, each text scaled by its own curvature. */
    private double[] conjugate(double[] gradient, double[] diagonal, double[] curvature, double[] own) {
        double held =
                Arrays.stream(diagonal).average().orElse(0) / size; // against a constant, on which nothing depends
        return ConjugateGradients.solve(
                v -> {
                    double[] image = new double[size];
                    double constant = strength == 0 ? held * Arrays.stream(v).sum() : 0;
                    for (int i = 0; i < size; i++) {
                        image[i] = own[i] * v[i] + constant;
                    }
                    for (int m = 0; m < curvature.length; m++) {
                        double flow = curvature[m] * (v[winner[m]] - v[loser[m]]);
                        image[winner[m]] += flow;
                        image[loser[m]] -= flow;
                    }
                    return image;
                },
                diagonal,
                gradient,
                4 * size + 20,
                1e-28);
    }

    /** As far along the direction as the likelihood rises. */
    private double[] stepped(double[] s, double[] direction, double length) {
        double before = logLikelihood(s);
        double[] best = s;
        for (int halving = 0; halving < HALVINGS; halving++) {
            double share = length * Math.pow(0.5, halving);
            double[] next = new double[size];
            Arrays.setAll(next, i -> s[i] + share * direction[i]);
            best = next;
            if (logLikelihood(next) >= before - 1e-12 * Math.abs(before)) {
                break;
            }
        }
        return best;
    }

    private double logLikelihood(double[] s) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += 0.5 * strength * (RewardModel.logLogistic(s[i]) + RewardModel.logLogistic(-s[i]));
        }
        for (int k = 0; k < weight.length; k++) {
            sum += weight[k] * RewardModel.logLogistic(s[winner[k]] - s[loser[k]]);
        }
        return sum;
    }
}
