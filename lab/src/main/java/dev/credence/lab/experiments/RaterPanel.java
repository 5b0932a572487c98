package dev.credence.lab.experiments;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.inputs.NetworkInput;
import dev.credence.methods.rewardmodel.Judgement;
import dev.credence.worlds.Network;
import dev.credence.worlds.TableWorld;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Raters who judge texts that the prior writes. Each has a reward of its own; their mean is the true one, so that one rater alone
 * has exactly that. They prefer a text by the difference of their rewards, approve of it by its distance from the prompt's mean,
 * and state the log-probability that they would approve with a normal error.
 */
final class RaterPanel {
    private static final long MOST_PAIRS = 1L << 20;
    private static final double MARGIN = 6; // errors by which the best text's stated log-probability lies below 0

    private final TableModel prior;
    private final double[][] cumulative; // (prompts)(texts)
    private final double[] promptWeight; // (prompts), cumulative over those with two texts or more
    private final List<double[][]> rewards; // (raters)(prompts)(texts)
    private final double[] mean; // (prompts) of the true reward under the prior
    private final double error; // of stated log-probabilities, nats

    private RaterPanel(TableModel prior, List<double[][]> rewards, double[] mean, double error) {
        this.prior = prior;
        this.rewards = rewards;
        this.mean = mean;
        this.error = error;
        List<String> prompts = prior.prompts();
        this.cumulative = new double[prompts.size()][];
        this.promptWeight = new double[prompts.size()];
        double sum = 0;
        for (int c = 0; c < prompts.size(); c++) {
            cumulative[c] = running(prior.given(prompts.get(c)).probabilities());
            sum += hasPairs(c) ? prior.weight(prompts.get(c)) : 0;
            promptWeight[c] = sum;
        }
    }

    /**
     * Assembles them.
     *
     * @param settings raters, taste, disagreement, noise, seed
     * @param world name or file, for its hidden variables
     * @param prior of the texts
     * @param truth the true reward
     */
    static RaterPanel of(ExperimentSettings settings, String world, TableModel prior, RewardFunction truth) {
        requireTexts(prior, world);
        double[][] reward = new double[prior.prompts().size()][];
        double[] mean = new double[reward.length];
        for (int c = 0; c < reward.length; c++) {
            Distribution texts = prior.given(prior.prompts().get(c));
            double[] own = truth.rewards(prior.prompts().get(c), texts);
            requireFinite(own, texts, settings.text("reward"));
            reward[c] = own;
            for (int i = 0; i < own.length; i++) {
                mean[c] += texts.probability(i) * own[i];
            }
        }
        int count = settings.count("raters");
        List<double[][]> tastes = count == 1 ? List.of() : tastes(settings, world, prior, count);
        List<double[][]> rewards = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            rewards.add(count == 1 ? reward : deviated(reward, tastes, k));
        }
        return new RaterPanel(prior, rewards, mean, settings.number("noise"));
    }

    private static void requireTexts(TableModel prior, String world) {
        long pairs = 0;
        boolean any = false;
        for (String prompt : prior.prompts()) {
            long texts = Arrays.stream(prior.given(prompt).probabilities())
                    .filter(p -> p > 0)
                    .count();
            pairs += texts * texts;
            any |= texts > 1;
        }
        if (!any) {
            throw InputException.ofSetting("world", world, "a prompt with at least two texts, to be compared");
        }
        if (pairs > MOST_PAIRS) {
            throw InputException.ofSetting(
                    "world", world, "at most " + MOST_PAIRS + " pairs of texts of a prompt; it has " + pairs);
        }
    }

    private static void requireFinite(double[] rewards, Distribution texts, String name) {
        for (int i = 0; i < rewards.length; i++) {
            if (texts.probability(i) > 0 && !(Math.abs(rewards[i]) < Double.POSITIVE_INFINITY)) {
                throw InputException.ofSetting(
                        "reward", name, "a finite reward of each text; '" + texts.outcome(i) + "' has " + rewards[i]);
            }
        }
    }

    /** Deviations by rater: log-likelihoods of the taste that each has, or noise. */
    private static List<double[][]> tastes(ExperimentSettings settings, String world, TableModel prior, int count) {
        String name = settings.text("taste");
        Optional<Network> network = NetworkInput.read(world).map(NetworkInput::network);
        boolean has = network.isPresent()
                && network.get().variables().stream()
                        .anyMatch(v -> v.isHidden() && v.name().equals(name));
        if (has) {
            return hidden(network.get(), name, prior, count);
        }
        if (!name.equals("taste") && !name.isEmpty()) {
            throw InputException.ofSetting("taste", name, "a hidden variable of the world " + world);
        }
        RandomGenerator random = new SplittableRandom(settings.whole("seed") ^ 0x5DEECE66DL);
        List<double[][]> tastes = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            double[][] own = new double[prior.prompts().size()][];
            for (int c = 0; c < own.length; c++) {
                own[c] = new double[prior.given(prior.prompts().get(c)).size()];
                Arrays.setAll(own[c], i -> settings.number("disagreement") * random.nextGaussian());
            }
            tastes.add(own);
        }
        return tastes;
    }

    /** Rater k has the taste at the (k + ½)/n quantile of the tastes: log p(text | taste) − log p(text). */
    private static List<double[][]> hidden(Network network, String name, TableModel prior, int count) {
        Map<String, Double> shares =
                network.prior(network.prompts().get(0)).hidden().getOrDefault(name, Map.of());
        List<String> values = new ArrayList<>(shares.keySet());
        List<double[][]> tastes = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            double at = (k + 0.5) / count;
            int value = 0;
            double sum = shares.getOrDefault(values.get(0), 0.0);
            while (sum < at && value < values.size() - 1) {
                sum += shares.getOrDefault(values.get(++value), 0.0);
            }
            String given = name + "=" + values.get(value);
            TableWorld typical = network.given(List.of(given)).table();
            double[][] own = new double[prior.prompts().size()][];
            for (int c = 0; c < own.length; c++) {
                String prompt = prior.prompts().get(c);
                Distribution texts = prior.given(prompt);
                Distribution under = typical.prior().given(prompt);
                own[c] = new double[texts.size()];
                for (int i = 0; i < own[c].length; i++) {
                    double p = under.probability(texts.outcome(i));
                    if (!(p > 0) && texts.probability(i) > 0) {
                        throw InputException.ofSetting(
                                "taste",
                                name,
                                "a variable that leaves every text possible; with " + given + ", '" + texts.outcome(i)
                                        + "' is not");
                    }
                    own[c][i] = texts.probability(i) > 0 ? Math.log(p) - texts.logProbability(i) : 0;
                }
            }
            tastes.add(own);
        }
        return tastes;
    }

    /** The true reward plus the rater's deviation from the panel's mean deviation. */
    private static double[][] deviated(double[][] reward, List<double[][]> tastes, int k) {
        double[][] own = new double[reward.length][];
        for (int c = 0; c < own.length; c++) {
            own[c] = reward[c].clone();
            for (int i = 0; i < own[c].length; i++) {
                double all = 0;
                for (double[][] taste : tastes) {
                    all += taste[c][i];
                }
                own[c][i] += tastes.get(k)[c][i] - all / tastes.size();
            }
        }
        return own;
    }

    private boolean hasPairs(int c) {
        double[] p = prior.given(prior.prompts().get(c)).probabilities();
        return Arrays.stream(p).filter(mass -> mass > 0).count() > 1;
    }

    /** So many comparisons of two different texts of the prior, each by one of the raters. */
    List<Judgement.Pair> pairs(int n, RandomGenerator random) {
        List<Judgement.Pair> pairs = new ArrayList<>(n);
        double all = promptWeight[promptWeight.length - 1];
        for (int k = 0; k < n; k++) {
            int c = index(promptWeight, random.nextDouble() * all);
            Distribution texts = texts(c);
            int first = first(c, random);
            int second = otherThan(c, first, random);
            double[] reward = rewards.get(random.nextInt(rewards.size()))[c];
            boolean isFirst = random.nextDouble() < logistic(reward[first] - reward[second]);
            pairs.add(new Judgement.Pair(
                    prior.prompts().get(c),
                    texts.outcome(isFirst ? first : second),
                    texts.outcome(isFirst ? second : first),
                    1));
        }
        return pairs;
    }

    /** One of two different draws: p(a) ∝ π(a)(1 − π(a)), by rejection. */
    private int first(int c, RandomGenerator random) {
        Distribution texts = texts(c);
        if (largest(texts) < 0.9) {
            while (true) {
                int a = index(cumulative[c], random.nextDouble());
                if (random.nextDouble() >= texts.probability(a)) {
                    return a;
                }
            }
        }
        double[] weights = texts.probabilities();
        Arrays.setAll(weights, i -> weights[i] * (1 - texts.probability(i)));
        double[] sums = running(weights);
        return index(sums, random.nextDouble() * sums[sums.length - 1]);
    }

    private static double largest(Distribution texts) {
        return Arrays.stream(texts.probabilities()).max().orElse(0);
    }

    private int otherThan(int c, int first, RandomGenerator random) {
        double own = texts(c).probability(first);
        double total = cumulative[c][cumulative[c].length - 1];
        double before = first == 0 ? 0 : cumulative[c][first - 1];
        double at = random.nextDouble() * (total - own);
        int second = index(cumulative[c], at < before ? at : at + own);
        return second != first ? second : neighbour(c, first);
    }

    /** Where rounding met the text itself. */
    private int neighbour(int c, int first) {
        Distribution texts = texts(c);
        int at = first;
        do {
            at = (at + 1) % texts.size();
        } while (!(texts.probability(at) > 0));
        return at;
    }

    /** So many approvals or refusals of the prior's texts. */
    List<Judgement.Approval> approvals(int n, RandomGenerator random) {
        List<Judgement.Approval> approvals = new ArrayList<>(n);
        double[] weights = promptShares();
        for (int k = 0; k < n; k++) {
            int c = index(weights, random.nextDouble());
            int text = index(cumulative[c], random.nextDouble());
            double reward = rewards.get(random.nextInt(rewards.size()))[c][text];
            boolean approved = random.nextDouble() < logistic(reward - mean[c]);
            approvals.add(new Judgement.Approval(prior.prompts().get(c), texts(c).outcome(text), approved, 1));
        }
        return approvals;
    }

    /** So many stated probabilities of the prior's texts. */
    List<Judgement.Stated> stated(int n, RandomGenerator random) {
        List<Judgement.Stated> stated = new ArrayList<>(n);
        double[] weights = promptShares();
        for (int k = 0; k < n; k++) {
            int c = index(weights, random.nextDouble());
            int text = index(cumulative[c], random.nextDouble());
            double[] own = rewards.get(random.nextInt(rewards.size()))[c];
            double exact = own[text] - best(c, own) - MARGIN * error;
            double said = exact + error * random.nextGaussian();
            stated.add(
                    new Judgement.Stated(prior.prompts().get(c), texts(c).outcome(text), said <= 0 ? said : exact, 1));
        }
        return stated;
    }

    /** What infinitely many comparisons say: every pair of different texts with the share of raters who prefer each. */
    List<Judgement.Pair> allPairs() {
        List<Judgement.Pair> all = new ArrayList<>();
        double shared = promptWeight[promptWeight.length - 1];
        for (int c = 0; c < cumulative.length; c++) {
            String prompt = prior.prompts().get(c);
            Distribution texts = texts(c);
            double different =
                    1 - Arrays.stream(texts.probabilities()).map(p -> p * p).sum();
            for (int a = 0; a < texts.size(); a++) {
                for (int b = 0; b < texts.size(); b++) {
                    double weight = prior.weight(prompt)
                            / shared
                            * texts.probability(a)
                            * texts.probability(b)
                            / different
                            * preference(c, a, b)
                            * 2;
                    if (a != b && weight > 0) {
                        all.add(new Judgement.Pair(prompt, texts.outcome(a), texts.outcome(b), weight));
                    }
                }
            }
        }
        return all;
    }

    /** What infinitely many approvals say. */
    List<Judgement.Approval> allApprovals() {
        List<Judgement.Approval> all = new ArrayList<>();
        for (int c = 0; c < cumulative.length; c++) {
            String prompt = prior.prompts().get(c);
            Distribution texts = texts(c);
            for (int i = 0; i < texts.size(); i++) {
                double yes = 0;
                double no = 0;
                for (double[][] rater : rewards) {
                    yes += logistic(rater[c][i] - mean[c]) / rewards.size();
                    no += logistic(mean[c] - rater[c][i]) / rewards.size();
                }
                double weight = prior.weight(prompt) * texts.probability(i);
                if (weight * yes > 0 && weight * no > 0) {
                    all.add(new Judgement.Approval(prompt, texts.outcome(i), true, weight * yes));
                    all.add(new Judgement.Approval(prompt, texts.outcome(i), false, weight * no));
                }
            }
        }
        return all;
    }

    /** What infinitely many stated probabilities say: their mean, of which errors leave nothing. */
    List<Judgement.Stated> allStated() {
        List<Judgement.Stated> all = new ArrayList<>();
        for (int c = 0; c < cumulative.length; c++) {
            String prompt = prior.prompts().get(c);
            Distribution texts = texts(c);
            for (int i = 0; i < texts.size(); i++) {
                double weight = prior.weight(prompt) * texts.probability(i);
                for (double[][] rater : weight > 0 ? rewards : List.<double[][]>of()) {
                    double exact = rater[c][i] - best(c, rater[c]) - MARGIN * error;
                    all.add(new Judgement.Stated(prompt, texts.outcome(i), exact, weight / rewards.size()));
                }
            }
        }
        return all;
    }

    private double preference(int c, int a, int b) {
        double sum = 0;
        for (double[][] rater : rewards) {
            sum += logistic(rater[c][a] - rater[c][b]);
        }
        return sum / rewards.size();
    }

    private double best(int c, double[] own) {
        double best = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < own.length; i++) {
            best = texts(c).probability(i) > 0 ? Math.max(best, own[i]) : best;
        }
        return best;
    }

    private Distribution texts(int c) {
        return prior.given(prior.prompts().get(c));
    }

    private double[] promptShares() {
        return running(prior.prompts().stream().mapToDouble(prior::weight).toArray());
    }

    private static double[] running(double[] weights) {
        double[] sums = weights.clone();
        Arrays.parallelPrefix(sums, Double::sum);
        return sums;
    }

    /** The first whose running sum is above a number: never one of no weight. */
    private static int index(double[] sums, double at) {
        int low = 0;
        int high = sums.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sums[middle] > at) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        while (low > 0 && sums[low] == sums[low - 1]) {
            low--; // rounding: the sum fell short of the draw
        }
        return low;
    }

    static double logistic(double x) {
        double small = Math.exp(-Math.abs(x));
        return x >= 0 ? 1 / (1 + small) : small / (1 + small);
    }
}
