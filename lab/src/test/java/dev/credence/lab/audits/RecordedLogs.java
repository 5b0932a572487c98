package dev.credence.lab.audits;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Rollout logs drawn from the world T1 and a policy on it, of one step or of several. */
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
        return tilt(copies, 0);
    }

    /** The same with so much more of the text c, which no number of copies explains. */
    private static double[] tilt(double copies, double moreOfC) {
        double[] policy = new double[4];
        double sum = 0;
        for (int i = 0; i < 4; i++) {
            policy[i] = PRIOR[i] * Math.exp(copies * i) + (i == 2 ? moreOfC : 0);
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
     * Writes a log of three prompts into several files, each with some records of every step; from step to step the policy has
     * seen more copies, and departs more.
     *
     * @param folder is made
     * @param files how many
     * @param steps how many
     * @param records so many of each source a prompt, a step and a file, on average
     * @return the folder
     * @throws IOException if writing fails
     */
    public static Path spread(Path folder, int files, int steps, int records) throws IOException {
        Files.createDirectories(folder);
        SplittableRandom random = new SplittableRandom(3);
        for (int file = 0; file < files; file++) {
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < records * steps; i++) {
                int step = random.nextInt(steps);
                double[] policy = tilt(0.3 * (step + 1), 0.05 * step);
                String more = ", \"step\": " + step;
                for (String prompt : List.of("q1", "q2", "q3")) {
                    lines.add(record(prompt, "prior", draw(PRIOR, random), policy, more));
                    lines.add(record(prompt, "policy", draw(policy, random), policy, more));
                }
            }
            Files.write(folder.resolve("part-" + file + ".jsonl"), lines);
        }
        return folder;
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
                "{\"prompt\": \"%s\", \"completion\": \"%s\", \"reward\": %d, \"logp_prior\": %s,"
                        + " \"logp_policy\": %s, \"source\": \"%s\"%s}",
                prompt,
                NAMES.charAt(outcome),
                outcome,
                nats(PRIOR[outcome]),
                nats(policy[outcome]),
                source,
                more);
    }

    private static String nats(double probability) {
        return probability == 0 ? "\"-inf\"" : String.format(Locale.ROOT, "%.12f", Math.log(probability));
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
