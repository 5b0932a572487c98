package dev.credence.methods.rewardmodel;

import dev.credence.core.audit.StudentT;
import java.util.ArrayList;
import java.util.List;

/**
 * How good scores are on judgements that were held out.
 *
 * @param accuracy share of judgements foretold; a tie counts one half
 * @param logLoss mean −log of the probability given to what was said, nats
 * @param calibrationError mean distance of foretold probability and frequency over 20 bins of equal width, by their weight
 * @param reliability the bins that hold judgements, by foretold probability
 * @param errors by which the figures may be off
 */
public record HeldOutScores(
        double accuracy, double logLoss, double calibrationError, List<Bin> reliability, Errors errors) {
    private static final int BINS = 20;
    private static final double NORMAL = 1.96; // deviations on both sides that hold 95 %
    private static final double MOST = 1e9; // judgements, from which on Student's t is the normal quantile
    private static final double MEAN_DISTANCE = Math.sqrt(2 / Math.PI); // deviations of a normal number from its mean

    /**
     * Judgements that were foretold alike. A preference is counted from both sides, one half each.
     *
     * @param foretold mean probability
     * @param happened share of which it came true
     * @param weight judgements
     * @param error standard error of the share if the probabilities are right
     */
    public record Bin(double foretold, double happened, double weight, double error) {}

    /**
     * Standard errors over judgements, which are taken as independent.
     *
     * @param judgements how many equal weights would be as sure, (Σw)²/Σw²
     * @param logLoss of the log-loss, nats
     * @param calibration of the calibration error
     * @param chance the calibration error that right probabilities would show by chance, in the mean
     * @param acceleration a sixth of the log-loss's skewness as a mean, Σψ³/6(Σψ²)^{3/2} with ψ = w(loss − mean)
     */
    public record Errors(double judgements, double logLoss, double calibration, double chance, double acceleration) {}

    /** {@return (lower, estimate, upper) of the accuracy, 95 % by Wilson's score, which has a width where all was foretold} */
    public double[] accuracyInterval() {
        double n = errors.judgements;
        double shrunk = 1 + NORMAL * NORMAL / n;
        double centre = (accuracy + NORMAL * NORMAL / (2 * n)) / shrunk;
        double half = NORMAL * Math.sqrt(accuracy * (1 - accuracy) / n + NORMAL * NORMAL / (4 * n * n)) / shrunk;
        return new double[] {
            Math.min(accuracy, Math.max(0, centre - half)), accuracy, Math.max(accuracy, Math.min(1, centre + half))
        };
    }

    /**
     * {@return (lower, estimate, upper) of the log-loss, nats, 95 %} Student's, and above it as far as the losses' skewness takes it
     * ({@link StudentT#skewed}): few judgements whose probability was very low carry much of a mean.
     */
    public double[] logLossInterval() {
        double n = errors.judgements;
        double student = n > 1 ? StudentT.ofMean((int) Math.min(MOST, Math.max(2, Math.floor(n)))) : NORMAL;
        double above = StudentT.skewed(student, errors.acceleration);
        return new double[] {Math.max(0, logLoss - student * errors.logLoss), logLoss, logLoss + above * errors.logLoss
        };
    }

    /** {@return (lower, estimate, upper) of the calibration error, 95 %; the lower end takes off what chance alone gives} */
    public double[] calibrationInterval() {
        double half = NORMAL * errors.calibration;
        return new double[] {
            Math.max(0, calibrationError - half - errors.chance), calibrationError, Math.min(1, calibrationError + half)
        };
    }

    /** Forecasts beside what came of them. */
    static final class Tally {
        private final double[] foretold = new double[BINS]; // sums of probabilities by bin
        private final double[] happened = new double[BINS];
        private final double[] weights = new double[BINS];
        private final double[] variance = new double[BINS]; // of what happened, were the probabilities right
        private final Mean right = new Mean();
        private final Mean loss = new Mean();

        /** One text was preferred where σ(difference) was foretold; the same said from the other side is in the bins too. */
        void preferred(double difference, double weight) {
            count(difference, 1, weight);
            bin(difference, 1, 0.5 * weight, 0.5 * weight * weight);
            bin(-difference, 0, 0.5 * weight, 0.5 * weight * weight);
        }

        /** A text was approved of by such a share, where σ(logit) was foretold. */
        void approved(double logit, double share, double weight) {
            count(logit, share, weight);
            bin(logit, share, weight, weight * weight);
        }

        private void count(double logit, double share, double weight) {
            double yes = logit == 0 ? 0.5 : logit > 0 ? 1 : 0;
            right.add(share * yes + (1 - share) * (1 - yes), weight);
            double gained = share == 0 ? 0 : share * RewardModel.logLogistic(logit);
            double lost = share == 1 ? 0 : (1 - share) * RewardModel.logLogistic(-logit);
            loss.add(-gained - lost, weight);
        }

        private void bin(double logit, double share, double weight, double square) {
            double p = RewardModel.logistic(logit);
            int bin = Math.min(BINS - 1, (int) (BINS * p));
            foretold[bin] += weight * p;
            happened[bin] += weight * share;
            weights[bin] += weight;
            variance[bin] += square * p * (1 - p);
        }

        HeldOutScores heldOut() {
            if (!(right.weight > 0)) {
                throw new IllegalArgumentException("there are no held-out judgements; at least one is needed");
            }
            double error = 0;
            double square = 0;
            double chance = 0;
            List<Bin> bins = new ArrayList<>();
            for (int bin = 0; bin < BINS; bin++) {
                error += Math.abs(foretold[bin] - happened[bin]);
                square += variance[bin];
                chance += MEAN_DISTANCE * Math.sqrt(variance[bin]);
                if (weights[bin] > 0) {
                    double own = weights[bin];
                    bins.add(new Bin(foretold[bin] / own, happened[bin] / own, own, Math.sqrt(variance[bin]) / own));
                }
            }
            double all = right.weight;
            return new HeldOutScores(
                    right.mean(),
                    loss.mean(),
                    error / all,
                    List.copyOf(bins),
                    new Errors(
                            right.count(), loss.error(), Math.sqrt(square) / all, chance / all, loss.acceleration()));
        }
    }

    /** A weighted mean and its standard error. */
    private static final class Mean {
        private double weight;
        private double sum;
        private double squaredWeights;
        private double squaredSum;
        private double squares;
        private double cubedWeights;
        private double cubedSum;
        private double cubedSquares;
        private double cubes;

        void add(double value, double w) {
            double cube = w * w * w;
            cubedWeights += cube;
            cubedSum += cube * value;
            cubedSquares += cube * value * value;
            cubes += cube * value * value * value;
            weight += w;
            sum += w * value;
            squaredWeights += w * w;
            squaredSum += w * w * value;
            squares += w * w * value * value;
        }

        double mean() {
            return sum / weight;
        }

        double count() {
            return weight * weight / squaredWeights;
        }

        /** 0 where nothing scatters. */
        double acceleration() {
            double mean = mean();
            double spread = squares - 2 * mean * squaredSum + mean * mean * squaredWeights;
            double third =
                    cubes - 3 * mean * cubedSquares + 3 * mean * mean * cubedSum - mean * mean * mean * cubedWeights;
            return spread > 0 ? third / (6 * spread * Math.sqrt(spread)) : 0;
        }

        /** Infinite where one weight is all there is. */
        double error() {
            double mean = mean();
            double spread = squares - 2 * mean * squaredSum + mean * mean * squaredWeights;
            double n = count();
            return n > 1 ? Math.sqrt(Math.max(0, spread) * n / (n - 1)) / weight : Double.POSITIVE_INFINITY;
        }
    }
}
