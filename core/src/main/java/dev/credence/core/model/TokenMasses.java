package dev.credence.core.model;

import java.util.Arrays;

/** The unnormalised probabilities of a vocabulary's tokens, summed by blocks, and how much of each is in doubt. */
final class TokenMasses {
    static final int BLOCK = 64;

    private final Level tokens;
    private final Level blocks;

    TokenMasses(int vocabularySize) {
        this.tokens = new Level(vocabularySize);
        this.blocks = new Level((vocabularySize + BLOCK - 1) / BLOCK);
    }

    /** Masses, and those that rounding could have given to others, in the vocabulary's order. */
    static final class Level {
        private final double[] mass;
        private final double[] doubt;
        private boolean doubtful; // none where this is false

        private Level(int size) {
            this.mass = new double[size];
            this.doubt = new double[size];
        }

        int size() {
            return mass.length;
        }

        double mass(int from, int to) {
            return sum(mass, from, to);
        }

        /** Of this much it is not certain on which side of a cut it is, kept or left out. */
        double doubt(int from, int to) {
            return doubtful ? sum(doubt, from, to) : 0;
        }
    }

    int size() {
        return tokens.mass.length;
    }

    Level tokens() {
        return tokens;
    }

    Level blocks() {
        return blocks;
    }

    double of(int token) {
        return tokens.mass[token];
    }

    double total() {
        return blocks.mass(0, blocks.size());
    }

    /** exp((logit − max)/τ) of each token, nothing in doubt; returns the total. */
    double fill(double[] logits, int from, double max, double temperature) {
        double[] mass = tokens.mass;
        if (temperature == 1) {
            for (int v = 0; v < mass.length; v++) {
                mass[v] = logits[from + v] - max;
            }
        } else {
            for (int v = 0; v < mass.length; v++) {
                mass[v] = (logits[from + v] - max) / temperature;
            }
        }
        Exponentials.replace(mass);
        tokens.doubtful = false;
        blocks.doubtful = false;
        return addUp();
    }

    /** The blocks' masses, nothing in doubt; returns the total. */
    double fillBlocks(double[] masses, int from) {
        System.arraycopy(masses, from, blocks.mass, 0, blocks.mass.length);
        blocks.doubtful = false;
        return total();
    }

    /** exp(logit − max) of the tokens of one block, nothing in doubt. */
    void fillTokens(double[] logits, int from, int first, int end, double max) {
        for (int v = first; v < end; v++) {
            tokens.mass[v] = Math.exp(logits[from + v - first] - max);
        }
        tokens.doubtful = false;
    }

    /** Sets a token's mass to zero. */
    void drop(int token) {
        tokens.mass[token] = 0;
    }

    /** Says that a mass may or may not be this token's. */
    void doubt(int token, double mass) {
        if (!tokens.doubtful) {
            Arrays.fill(tokens.doubt, 0);
            tokens.doubtful = true;
        }
        tokens.doubt[token] = mass;
    }

    /** Sums the blocks anew; returns the total. */
    double addUp() {
        blocks.doubtful = tokens.doubtful;
        for (int b = 0; b < blocks.mass.length; b++) {
            int from = b * BLOCK;
            int to = Math.min(from + BLOCK, tokens.mass.length);
            blocks.mass[b] = tokens.mass(from, to);
            blocks.doubt[b] = tokens.doubt(from, to);
        }
        return total();
    }

    /** Four sums at once, in one order for ever: an addition waits for the one before it. */
    private static double sum(double[] x, int from, int to) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = from;
        for (; i + 3 < to; i += 4) {
            a += x[i];
            b += x[i + 1];
            c += x[i + 2];
            d += x[i + 3];
        }
        for (; i < to; i++) {
            a += x[i];
        }
        return (a + b) + (c + d);
    }
}
