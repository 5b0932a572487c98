package dev.credence.app;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Rollout logs drawn from the world T1 and a policy on it. */
final class Logs {
    static final double[] PRIOR = {.4, .3, .2, .1};
    private static final String NAMES = "abcd";

    private Logs() {}

    /** The policy that has seen so many copies of the rewards 0, 1, 2, 3. */
    static double[] tilt(double copies) {
        double[] policy = new double[4];
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            policy[i] = PRIOR[i] * Math.exp(copies * i);
            sum += policy[i];
        }
        for (int i = 0; i < 4; i++) {
            policy[i] /= sum;
        }
        return policy;
    }

    /** Records of two prompts, so many of each source a prompt; {@code more} is put into every record. */
    static String log(double[] policy, int records, String more) {
        List<String> lines = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(7);
        for (String prompt : List.of("q1", "q2")) {
            for (int i = 0; i < records; i++) {
                lines.add(record(prompt, "prior", draw(PRIOR, random), policy, more));
                lines.add(record(prompt, "policy", draw(policy, random), policy, more));
            }
        }
        return String.join("\n", lines) + "\n";
    }

    static String log(double[] policy, int records) {
        return log(policy, records, "");
    }

    static String record(String prompt, String source, int outcome, double[] policy, String more) {
        return String.format(
                Locale.ROOT,
                "{\"prompt\": \"%s\", \"completion\": \"%s\", \"reward\": %d, \"logp_prior\": %.12f,"
                        + " \"logp_policy\": %.12f, \"source\": \"%s\"%s}",
                prompt,
                NAMES.charAt(outcome),
                outcome,
                Math.log(PRIOR[outcome]),
                Math.log(policy[outcome]),
                source,
                more);
    }

    private static int draw(double[] probabilities, SplittableRandom random) {
        double left = random.nextDouble();
        int outcome = 0;
        while (outcome < 3 && left >= probabilities[outcome]) {
            left -= probabilities[outcome++];
        }
        return outcome;
    }
}
