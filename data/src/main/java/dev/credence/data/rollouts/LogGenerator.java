package dev.credence.data.rollouts;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Makes rollout logs whose truth is known: a random table for each prompt, a policy near a tilt of it, and records drawn
 * from both. About 178 bytes a record, numbers with all their digits, as other tools write them.
 */
public final class LogGenerator {
    private static final String[] WORDS = {
        "the",
        "and",
        "my",
        "lord",
        "sweet",
        "love",
        "good",
        "night",
        "sir",
        "thou",
        "art",
        "gentle",
        "heart",
        "speak",
        "come",
        "king",
        "fair",
        "honour",
        "death",
        "blood",
        "crown",
        "away",
        "never",
        "hath",
        "noble",
        "friend",
        "poor",
        "daughter",
        "father",
        "what",
        "shall",
        "peace"
    };

    /**
     * The size of a log.
     *
     * @param prompts how many prompts
     * @param perSource records a prompt from the prior, and as many from the policy
     * @param outcomes different completions a prompt has
     */
    public record Size(int prompts, int perSource, int outcomes) {
        /**
         * Checks that there is something of each.
         *
         * @param prompts at least 1
         * @param perSource at least 1
         * @param outcomes at least 2
         */
        public Size {
            if (!(prompts >= 1 && perSource >= 1 && outcomes >= 2)) {
                throw new IllegalArgumentException("size is " + prompts + " prompts, " + perSource + " records, "
                        + outcomes + " outcomes; it must be at least 1, 1 and 2");
            }
        }

        /** {@return the number of records} */
        public long records() {
            return 2L * prompts * perSource;
        }
    }

    /**
     * The policy: proportional to prior · exp(copies·reward + departure·noise), the noise standard normal.
     *
     * @param copies λ of the tilt
     * @param departure size of what is no tilt; 0 for an exact conditional
     */
    public record PolicyTilt(double copies, double departure) {}

    /**
     * The truth about one prompt; every array is (outcomes).
     *
     * @param text the prompt
     * @param completions the outcomes' texts
     * @param prior probabilities π0, which sum to 1
     * @param policy probabilities π, which sum to 1
     * @param reward rewards
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Truth(String text, List<String> completions, double[] prior, double[] policy, double[] reward) {}

    private final Size size;
    private final List<Truth> truths;

    private LogGenerator(Size size, List<Truth> truths) {
        this.size = size;
        this.truths = truths;
    }

    /**
     * Draws the tables.
     *
     * @param size how large the log is
     * @param tilt what the policy is
     * @param random the source of the tables
     * @return a generator of logs of these tables
     */
    public static LogGenerator of(Size size, PolicyTilt tilt, RandomGenerator random) {
        List<Truth> truths = new ArrayList<>(size.prompts);
        for (int c = 0; c < size.prompts; c++) {
            truths.add(truth("Scene " + (c + 1) + ":\n", size.outcomes, tilt, random));
        }
        return new LogGenerator(size, truths);
    }

    private static Truth truth(String text, int outcomes, PolicyTilt tilt, RandomGenerator random) {
        double[] prior = new double[outcomes];
        double[] policy = new double[outcomes];
        double[] reward = new double[outcomes];
        List<String> completions = new ArrayList<>(outcomes);
        for (int i = 0; i < outcomes; i++) {
            prior[i] = Math.exp(random.nextGaussian());
            reward[i] = Math.rint(4 * random.nextGaussian()) / 8;
            policy[i] = prior[i] * Math.exp(tilt.copies * reward[i] + tilt.departure * random.nextGaussian());
            completions.add(sentence(i, random));
        }
        normalise(prior);
        normalise(policy);
        return new Truth(text, List.copyOf(completions), prior, policy, reward);
    }

    private static void normalise(double[] weights) {
        double sum = 0;
        for (double weight : weights) {
            sum += weight;
        }
        for (int i = 0; i < weights.length; i++) {
            weights[i] /= sum;
        }
    }

    private static String sentence(int number, RandomGenerator random) {
        StringBuilder sentence = new StringBuilder();
        for (int w = 3 + random.nextInt(4); w > 0; w--) {
            sentence.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
        }
        return sentence.append(number).toString();
    }

    /** {@return the tables, by prompt} */
    public List<Truth> truths() {
        return List.copyOf(truths);
    }

    /**
     * Draws the records: prompt by prompt, those of the prior first.
     *
     * @param out where the JSON Lines go
     * @param random the source of the draws
     * @throws IOException if writing fails
     */
    public void write(OutputStream out, RandomGenerator random) throws IOException {
        for (Truth truth : truths) {
            writeSource(out, truth, "prior", truth.prior, random);
            writeSource(out, truth, "policy", truth.policy, random);
        }
    }

    private void writeSource(
            OutputStream out, Truth truth, String source, double[] probabilities, RandomGenerator random)
            throws IOException {
        byte[][] lines = new byte[size.outcomes][];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = line(truth, source, i).getBytes(StandardCharsets.UTF_8);
        }
        double[] cumulated = probabilities.clone();
        for (int i = 1; i < cumulated.length; i++) {
            cumulated[i] += cumulated[i - 1];
        }
        for (int n = 0; n < size.perSource; n++) {
            out.write(lines[draw(cumulated, random.nextDouble())]);
        }
    }

    private static int draw(double[] cumulated, double uniform) {
        int found = Arrays.binarySearch(cumulated, uniform * cumulated[cumulated.length - 1]);
        return Math.min(found < 0 ? -found - 1 : found + 1, cumulated.length - 1);
    }

    private static String line(Truth truth, String source, int outcome) {
        String completion = truth.completions.get(outcome);
        long words = completion.chars().filter(c -> c == ' ').count() + 1;
        return "{\"prompt\": \"" + truth.text.replace("\n", "\\n") + "\", \"completion\": \"" + completion
                + "\", \"reward\": "
                + truth.reward[outcome] + ", \"logp_prior\": " + Math.log(truth.prior[outcome]) + ", \"logp_policy\": "
                + Math.log(truth.policy[outcome]) + ", \"tokens\": " + (words + 1) + ", \"source\": \"" + source
                + "\"}\n";
    }
}
