package dev.credence.lab.audits;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Rollout logs drawn from the world T1 and a policy on it. */
public final class RecordedLogs {
    private static final double[] PRIOR = {.4, .3, .2, .1};
    private static final String NAMES = "abcd";

    private RecordedLogs() {}

    /**
     * The policy that has seen so many copies of the rewards 0, 1, 2, 3.
     *
     * @param copies how many
     * @return (outcomes)
     */
    public static double[] tilt(double copies) {
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

    /**
     * Records of two prompts.
     *
     * @param policy (outcomes)
     * @param records so many of each source a prompt
     * @param more is put into every record
     * @return lines
     */
    public static String log(double[] policy, int records, String more) {
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

    /**
     * The same with nothing more in the records.
     *
     * @param policy (outcomes)
     * @param records so many of each source a prompt
     * @return lines
     */
    public static String log(double[] policy, int records) {
        return log(policy, records, "");
    }

    /**
     * One record.
     *
     * @param prompt its prompt
     * @param source prior or policy
     * @param outcome which text, 0 to 3
     * @param policy (outcomes)
     * @param more is put into it
     * @return a line without its end
     */
    public static String record(String prompt, String source, int outcome, double[] policy, String more) {
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
