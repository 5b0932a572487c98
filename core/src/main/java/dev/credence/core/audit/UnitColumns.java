package dev.credence.core.audit;

import java.util.Arrays;

/** The vectors of a stretch of units, by column; a unit is a record, or a group of records that were drawn together. */
final class UnitColumns {
    /** (width, capacity), of which {@code count} are in use. */
    final double[][] columns;

    int count;

    private final byte[] stratum; // (capacity)
    private final int[] order; // (capacity) positions, those of a stratum side by side
    private final int[] starts; // (strata + 1) in order
    private boolean isInOrder; // whether the positions are in order as they come

    UnitColumns(int width, int strata, int capacity) {
        columns = new double[width][capacity];
        stratum = new byte[capacity];
        order = new int[capacity];
        starts = new int[strata + 1];
    }

    int stratum(int i) {
        return stratum[i];
    }

    /**
     * The variance of the total of independent units.
     *
     * @param n how many
     * @param sum of what they add
     * @param square of its squares
     * @return the variance; 0 where a single one tells none
     */
    static double varianceOfTotal(double n, double sum, double square) {
        return n < 2 ? 0 : n / (n - 1) * Math.max(0, square - sum * sum / n);
    }

    /** Takes the records themselves for units. */
    void takeRecords(AtomBlock block, Atoms.Columns vectors) {
        vectors.fill(block, columns);
        count = block.count;
        System.arraycopy(block.stratum, 0, stratum, 0, count);
    }

    /** Sorts the positions by stratum, in order within each. */
    void sort() {
        Arrays.fill(starts, 0);
        boolean rises = true;
        byte last = 0;
        for (int i = 0; i < count; i++) {
            byte own = stratum[i];
            rises &= own >= last;
            last = own;
            starts[own + 1]++;
        }
        for (int s = 1; s < starts.length; s++) {
            starts[s] += starts[s - 1];
        }
        isInOrder = rises;
        if (rises) {
            return;
        }
        for (int i = 0; i < count; i++) {
            order[starts[stratum[i]]++] = i;
        }
        System.arraycopy(starts, 0, starts, 1, starts.length - 1); // each start had moved on to the next one's
        starts[0] = 0;
    }

    /** Whether units lie by stratum as they come, so that their places are their positions and there is no {@link #order()}. */
    boolean isInOrder() {
        return isInOrder;
    }

    /** The positions, sorted: those of stratum s from {@code start(s)} to {@code start(s + 1)}; see {@link #isInOrder()}. */
    int[] order() {
        return order;
    }

    int start(int s) {
        return starts[s];
    }

    /** Adds up the records of each group; the last group of a block may go on in the next one. */
    static final class Grouping {
        private final Atoms atoms;
        private final UnitColumns records;
        private final int[] unit; // (capacity) of each record
        private final UnitColumns units; // position 0 is the group that came in open
        private boolean open;

        Grouping(Atoms atoms, int width, int capacity) {
            this.atoms = atoms;
            this.records = new UnitColumns(width, atoms.strata(), capacity);
            this.unit = new int[capacity];
            this.units = new UnitColumns(width, atoms.strata(), capacity + 1);
        }

        /** Takes in a block; what it returns are the groups that it closes. */
        UnitColumns take(AtomBlock block, Atoms.Columns vectors) {
            vectors.fill(block, records.columns);
            int current = open ? 0 : -1;
            for (int i = 0; i < block.count; i++) {
                current += atoms.startsUnit(block.start + i) ? 1 : 0;
                unit[i] = current;
                units.stratum[current] = block.stratum[i];
            }
            for (int k = 0; k < units.columns.length; k++) {
                double[] sums = units.columns[k];
                Arrays.fill(sums, open ? 1 : 0, current + 1, 0);
                for (int i = 0; i < block.count; i++) {
                    sums[unit[i]] += records.columns[k][i];
                }
            }
            open = true;
            units.count = current;
            return units;
        }

        /** Moves the open group to the front, once the closed ones have been used. */
        void next() {
            for (double[] sums : units.columns) {
                sums[0] = sums[units.count];
            }
            units.stratum[0] = units.stratum[units.count];
        }

        /** Closes the open group and returns it. */
        UnitColumns last() {
            units.count = 1;
            return units;
        }
    }
}
