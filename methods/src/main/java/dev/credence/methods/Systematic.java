package dev.credence.methods;

import java.util.OptionalInt;

/**
 * Systematic resampling: one uniform number places K evenly spaced points on the weights laid end to end, so that a particle of share s
 * has ⌊K s⌋ or ⌈K s⌉ children, K s on average (Carpenter, Clifford and Fearnhead 1999).
 *
 * <p>With a retained particle its children are size-biased: a point is placed uniformly on its own stretch, which fixes all others, and the
 * child at that point is the retained one. That is the law of the plain scheme given the retained one's ancestor (Chopin and Singh 2015).
 *
 * @param ancestors (K) the parent of each new particle, ascending
 * @param retained the new place of the retained particle; −1 for none
 */
@SuppressWarnings("ArrayRecordComponent")
record Systematic(int[] ancestors, int retained) {
    /**
     * Draws.
     *
     * @param shares (K) weights that sum to one
     * @param kept a particle that is retained, of a share above 0
     * @param u uniform on [0, 1)
     */
    static Systematic draw(double[] shares, OptionalInt kept, double u) {
        int k = shares.length;
        double point = u;
        int place = -1;
        if (kept.isPresent()) {
            double before = 0;
            for (int i = 0; i < kept.getAsInt(); i++) {
                before += shares[i];
            }
            point = k * (before + u * shares[kept.getAsInt()]);
            place = Math.min(k - 1, (int) point);
            point -= place;
        }
        int[] ancestors = new int[k];
        int parent = 0;
        double sum = shares[0];
        for (int j = 0; j < k; j++) {
            double at = (point + j) / k;
            while (at >= sum && parent < k - 1) {
                sum += shares[++parent];
            }
            ancestors[j] = parent;
        }
        for (int j = k - 1, last = last(shares); j >= 0 && ancestors[j] > last; j--) {
            ancestors[j] = last; // rounding left a point behind the last share
        }
        if (place >= 0) {
            ancestors[place] = kept.getAsInt();
        }
        return new Systematic(ancestors, place);
    }

    private static int last(double[] shares) {
        int last = shares.length - 1;
        while (last > 0 && shares[last] == 0) {
            last--;
        }
        return last;
    }
}
