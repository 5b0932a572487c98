package dev.credence.lab.experiments;

import dev.credence.core.provenance.InputException;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.worlds.Inference;
import dev.credence.worlds.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The questions of the world of that name: is the number of ones among two bits odd, and among three? A model answers each with
 * one probability of "1". Amplified, the two-bit question is answered by its own easy step, and the three-bit question by asking the
 * model for its first two bits and taking the last step; of several copies who all do so the majority counts. Asking goes down in
 * rank, so that there is one fixed point, reached after as many rounds as there are ranks (docs/theory.md, amplification).
 */
final class Questions {
    /** Questions: the four pairs, then the eight triples. */
    static final int COUNT = 12;

    /** Those of two bits. */
    static final int PAIRS = 4;

    private final double[][] left = new double[2][2]; // (x)(y) probability of answering 1
    private final double[][] whole = new double[2][2]; // (left)(z)
    private final double[] guess = new double[COUNT]; // asked at once, before any round
    private final int copies;

    private Questions(Network network, int copies) {
        this.copies = copies;
        Inference prior = network.prior(network.prompts().get(0));
        Map<String, Double> first = prior.marginal(List.of("x", "y", "left"));
        Map<String, Double> second = prior.marginal(List.of("left", "z", "whole"));
        Map<String, Double> once = prior.marginal(List.of("x", "y", "z", "guess"));
        double right = 0;
        for (int code = 0; code < 8; code++) {
            int x = code >> 2;
            int y = code >> 1 & 1;
            int z = code & 1;
            left[x][y] = one(first, x + ", " + y);
            whole[y][z] = one(second, y + ", " + z);
            guess[PAIRS + code] = one(once, x + ", " + y + ", " + z);
            right += (odd(PAIRS + code) ? guess[PAIRS + code] : 1 - guess[PAIRS + code]) / 8;
        }
        for (int pair = 0; pair < PAIRS; pair++) {
            guess[pair] = odd(pair) ? right : 1 - right; // as good as at whole questions
        }
    }

    /** The world that ships; its parts are read from it. */
    static Questions of(int copies) {
        Network network = NetworkInput.read("questions")
                .map(NetworkInput::network)
                .orElseThrow(() -> InputException.ofSetting("world", "questions", "it is a Bayesian network"));
        return new Questions(network, copies);
    }

    private static double one(Map<String, Double> masses, String given) {
        double yes = masses.getOrDefault(given + ", 1", 0.0);
        double no = masses.getOrDefault(given + ", 0", 0.0);
        return yes / (yes + no);
    }

    /** Its bits. */
    static List<Integer> bits(int question) {
        List<Integer> bits = new ArrayList<>();
        int code = question < PAIRS ? question : question - PAIRS;
        for (int bit = (question < PAIRS ? 2 : 3) - 1; bit >= 0; bit--) {
            bits.add(code >> bit & 1);
        }
        return bits;
    }

    private static boolean odd(int question) {
        return bits(question).stream().mapToInt(Integer::intValue).sum() % 2 == 1;
    }

    /** (questions) probabilities of answering 1 before any round. */
    double[] early() {
        return guess.clone();
    }

    /** The answers of one who asks a model that answers so. */
    double[] amplified(double[] model) {
        double[] answers = new double[COUNT];
        for (int question = 0; question < COUNT; question++) {
            List<Integer> bits = bits(question);
            double own = question < PAIRS
                    ? left[bits.get(0)][bits.get(1)]
                    : asked(model[2 * bits.get(0) + bits.get(1)], bits.get(2));
            answers[question] = majority(own);
        }
        return answers;
    }

    private double asked(double one, int z) {
        return one * whole[1][z] + (1 - one) * whole[0][z];
    }

    /** Probability that more than half of the copies say 1. */
    private double majority(double one) {
        double sum = 0;
        for (int yes = copies / 2 + 1; yes <= copies; yes++) {
            double ways = 1;
            for (int k = 1; k <= yes; k++) {
                ways *= (double) (copies - yes + k) / k;
            }
            sum += ways * Math.pow(one, yes) * Math.pow(1 - one, copies - yes);
        }
        return sum;
    }

    /** What no round changes any more. */
    double[] fixedPoint() {
        return amplified(amplified(guess)); // two ranks: a pair asks nothing, a triple asks pairs
    }

    /** Mean distance of answers, total variation, over the questions of one rank each half. */
    static double error(double[] one, double[] other) {
        double pairs = 0;
        double triples = 0;
        for (int q = 0; q < COUNT; q++) {
            double distance = Math.abs(one[q] - other[q]);
            if (q < PAIRS) {
                pairs += distance / PAIRS;
            } else {
                triples += distance / (COUNT - PAIRS);
            }
        }
        return (pairs + triples) / 2;
    }

    /** Share of right answers to the whole questions. */
    static double right(double[] model) {
        double sum = 0;
        for (int q = PAIRS; q < COUNT; q++) {
            sum += (odd(q) ? model[q] : 1 - model[q]) / (COUNT - PAIRS);
        }
        return sum;
    }

    /** (rounds + 1) answers of the models of each round, distilled without loss. */
    List<double[]> rounds(int rounds) {
        List<double[]> all = new ArrayList<>(List.of(early()));
        for (int round = 0; round < rounds; round++) {
            all.add(amplified(all.get(round)));
        }
        return all;
    }
}
