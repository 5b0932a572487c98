package dev.credence.core.posterior;

/**
 * Gold reward along an optimisation path as Gao, Schulman and Hilton (2022) write it, in d = √KL: best-of-n
 * R = d(α − βd), RL R = d(α − β log d).
 *
 * @param form which path
 * @param alpha slope at the start, reward a √nat
 * @param beta how fast it turns
 */
public record OveroptimisationCurve(Form form, double alpha, double beta) {
    /** The two forms of the paper. */
    public enum Form {
        /** R = d(α − βd). */
        BEST_OF_N,
        /** R = d(α − β log d); not meant near d = 0. */
        RL
    }

    /**
     * Checks the coefficients.
     *
     * @param form as above
     * @param alpha as above
     * @param beta as above
     * @throws IllegalArgumentException unless both are finite
     */
    public OveroptimisationCurve {
        if (!(Math.abs(alpha) < Double.POSITIVE_INFINITY && Math.abs(beta) < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("alpha is " + alpha + " and beta is " + beta + "; both must be finite");
        }
    }

    /**
     * KL of best-of-n from its prior where no two draws tie: log n − (n − 1)/n; with ties an upper bound.
     *
     * @param n draws, ≥ 1
     * @return nats
     * @throws IllegalArgumentException if n is below 1
     */
    public static double bestOfNKl(double n) {
        if (!(n >= 1)) {
            throw new IllegalArgumentException("n is " + n + "; best-of-n needs at least 1 draw");
        }
        return Math.log(n) - (n - 1) / n;
    }

    /**
     * Least squares through measured points, R/d on 1 and d (or log d): exact where the points lie on such a curve.
     *
     * @param form which path
     * @param distance (points), d = √KL, each &gt; 0
     * @param reward (points), gold reward gained
     * @return the fitted curve
     * @throws IllegalArgumentException with fewer than two different distances, or one that is not positive
     */
    public static OveroptimisationCurve fit(Form form, double[] distance, double[] reward) {
        if (distance.length != reward.length || distance.length < 2) {
            throw new IllegalArgumentException(distance.length + " distances and " + reward.length
                    + " rewards; as many of each, at least two, are needed");
        }
        int n = distance.length;
        double[] x = new double[n];
        double meanX = 0;
        double meanY = 0;
        for (int i = 0; i < n; i++) {
            if (!(distance[i] > 0 && distance[i] < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("distance " + i + " is " + distance[i] + "; it must be positive");
            }
            x[i] = form == Form.BEST_OF_N ? distance[i] : Math.log(distance[i]);
            meanX += x[i] / n;
            meanY += reward[i] / distance[i] / n;
        }
        double covariance = 0;
        double variance = 0;
        for (int i = 0; i < n; i++) {
            covariance += (x[i] - meanX) * (reward[i] / distance[i] - meanY);
            variance += (x[i] - meanX) * (x[i] - meanX);
        }
        if (!(variance > 0)) {
            throw new IllegalArgumentException("all distances are " + distance[0] + "; at least two must differ");
        }
        double slope = covariance / variance;
        return new OveroptimisationCurve(form, meanY - slope * meanX, -slope);
    }

    /**
     * The gold reward at a distance.
     *
     * @param distance d = √KL, ≥ 0
     * @return reward gained over the prior
     */
    public double at(double distance) {
        return afterRounds(distance, 1);
    }

    /**
     * The gold reward when the proxy was trained anew k times on the way (§4.3 of the paper adds β d log k to the RL form).
     *
     * @param distance d = √KL, ≥ 0
     * @param rounds k ≥ 1
     * @return reward gained
     * @throws IllegalArgumentException if the distance is negative, rounds below 1, or rounds above 1 for best-of-n
     */
    public double afterRounds(double distance, double rounds) {
        if (!(distance >= 0 && rounds >= 1 && (rounds == 1 || form == Form.RL))) {
            throw new IllegalArgumentException("distance is " + distance + " and rounds is " + rounds
                    + "; they must be >= 0 and >= 1, more than one round for RL alone");
        }
        if (distance == 0) {
            return 0;
        }
        double turned = form == Form.BEST_OF_N ? distance : Math.log(distance) - Math.log(rounds);
        return distance * (alpha - beta * turned);
    }

    /**
     * Where the gold reward is largest: d* = α/2β, or e^{α/β − 1}.
     *
     * @return √nats
     * @throws IllegalArgumentException if the curve has no peak (beta ≤ 0)
     */
    public double peakDistance() {
        if (!(beta > 0)) {
            throw new IllegalArgumentException("beta is " + beta + "; only a curve with beta > 0 has a peak");
        }
        return form == Form.BEST_OF_N ? alpha / (2 * beta) : Math.exp(alpha / beta - 1);
    }
}
