package dev.credence.lab.experiments;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.probability.LogMath;
import dev.credence.core.provenance.Provenance;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.worlds.Network;
import dev.credence.worlds.Projection;
import dev.credence.worlds.TableWorld;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The rewards of a world's texts with who wrote them: of each prompt the joint of a hidden variable, the author, and the reward,
 * and what evidence about the reward, or an observation, makes of both. Texts of one reward are one outcome: all that is asked
 * here is as likely under each of them, so that means, authors and KLs are those of the texts. Exact sums.
 */
final class AuthoredTexts {
    private static final double ROUNDING = 1e-14; // nats

    private final List<Prompt> prompts;

    /** Evidence, prompt by prompt. */
    @FunctionalInterface
    interface Asked {
        /** Log-likelihoods (outcomes) behind a prompt, nats. */
        double[] logLikelihoods(Prompt prompt);

        /** Evidence about the reward. */
        static Asked of(RewardLikelihood evidence) {
            return prompt -> evidence.logLikelihoods(
                    prompt.rewards(),
                    Arrays.stream(prompt.logPrior()).map(Math::exp).toArray());
        }

        /** None. */
        static Asked nothing() {
            return prompt -> new double[prompt.outcomes.size()];
        }

        /** That a text shows what was observed. */
        static Asked observed() {
            return prompt -> prompt.outcomes.stream()
                    .mapToDouble(outcome -> outcome.observed ? 0 : Double.NEGATIVE_INFINITY)
                    .toArray();
        }
    }

    /**
     * Texts that are alike to all that is asked.
     *
     * @param reward of each
     * @param observed whether each shows what was observed
     */
    record Outcome(double reward, boolean observed) {}

    /**
     * One prompt's texts.
     *
     * @param name the prompt
     * @param weight its share
     * @param outcomes kinds of text
     * @param logJoint (authors, outcomes) nats
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Prompt(String name, double weight, List<Outcome> outcomes, double[][] logJoint) {
        /** (outcomes) nats. */
        double[] logPrior() {
            double[] log = new double[outcomes.size()];
            Arrays.setAll(
                    log,
                    x -> LogMath.logSumExp(
                            Arrays.stream(logJoint).mapToDouble(row -> row[x]).toArray()));
            return log;
        }

        private double[] rewards() {
            return outcomes.stream().mapToDouble(Outcome::reward).toArray();
        }
    }

    /**
     * What came of evidence, means over the prompts by their weights.
     *
     * @param mean of the reward
     * @param best largest reward of a text with mass
     * @param authors (values of the author's variable) probabilities
     * @param kl from the texts without the evidence, nats
     * @param rewards mass of each reward
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Got(double mean, double best, double[] authors, double kl, Map<Double, Double> rewards) {
        /** Probability that the author is one of some. */
        double share(Iterable<Integer> of) {
            double sum = 0;
            for (int author : of) {
                sum += authors[author];
            }
            return Math.min(1, sum);
        }

        /** Mass of rewards above a threshold. */
        double above(double threshold) {
            return rewards.entrySet().stream()
                    .filter(entry -> entry.getKey() > threshold)
                    .mapToDouble(Map.Entry::getValue)
                    .sum();
        }
    }

    /**
     * What is to be known of a world.
     *
     * @param reward as the user typed it
     * @param author the variable that says who wrote a text; null for none
     * @param observed {@code VARIABLE=VALUE}, what is observed; perhaps nothing
     */
    record Question(String reward, @Nullable String author, List<String> observed) {}

    /** A model that writes a world's texts: a reader of these believes of their authors what the world says of each text. */
    @FunctionalInterface
    interface Writer {
        /** The log-probability of a text of the world behind a prompt, nats. */
        double logProbability(String prompt, String text);
    }

    private AuthoredTexts(List<Prompt> prompts) {
        this.prompts = List.copyOf(prompts);
    }

    /**
     * The texts of a world.
     *
     * @param mixture networks and their shares, which add up to 1
     * @param input where they are from
     * @throws dev.credence.core.provenance.InputException if there is no such reward, or the texts are too many
     */
    static AuthoredTexts of(Map<Network, Double> mixture, Provenance.Input input, Question question) {
        Map<AuthoredTexts, Double> parts = new LinkedHashMap<>();
        mixture.forEach((network, share) -> parts.put(of(network, input, question), share));
        return mixed(parts);
    }

    static AuthoredTexts of(Network network, Provenance.Input input, Question question) {
        return of(network, input, question, null);
    }

    /** The same texts as another writes them; null for the world itself. */
    static AuthoredTexts of(Network network, Provenance.Input input, Question question, @Nullable Writer writer) {
        boolean isCoarse = writer == null
                && network.isOfVariables(question.reward)
                && (!network.isEnumerable() || !question.observed.isEmpty());
        Projection projection = isCoarse
                ? Projection.ofRewards(network, List.of(question.reward), question.observed)
                : Projection.ofTexts(network, question.observed);
        TableWorld world = projection.world();
        RewardFunction reward =
                new WorldInput(world, input).reward("reward", question.reward).function();
        List<Prompt> prompts = new ArrayList<>();
        for (String name : world.prior().prompts()) {
            Distribution texts = world.prior().given(name);
            double[] rewards = reward.rewards(name, texts);
            double[][] logJoint = question.author == null
                    ? new double[][] {texts.logProbabilities()}
                    : projection.logJoint(name, question.author);
            Kinds kinds = new Kinds(logJoint.length);
            for (int x = 0; x < rewards.length; x++) {
                String text = texts.outcome(x);
                double changed = writer == null ? 0 : writer.logProbability(name, text) - texts.logProbability(x);
                kinds.add(new Outcome(rewards[x] + 0.0, projection.isObserved(name, text)), logJoint, x, changed);
            }
            prompts.add(kinds.prompt(name, world.prior().weight(name)));
        }
        return new AuthoredTexts(prompts);
    }

    /** Collects texts of one kind. */
    private static final class Kinds {
        private final Map<Outcome, double[]> logs = new LinkedHashMap<>(); // to (authors) nats
        private final int authors;

        Kinds(int authors) {
            this.authors = authors;
        }

        /** Adds a column, its log-probabilities changed alike. */
        void add(Outcome outcome, double[][] logJoint, int column, double changed) {
            double[] log = logs.computeIfAbsent(outcome, none -> {
                double[] empty = new double[authors];
                Arrays.fill(empty, Double.NEGATIVE_INFINITY);
                return empty;
            });
            Arrays.setAll(log, author -> LogMath.logAddExp(log[author], changed + logJoint[author][column]));
        }

        Prompt prompt(String name, double weight) {
            List<Outcome> outcomes = List.copyOf(logs.keySet());
            double[][] logJoint = new double[authors][outcomes.size()];
            int column = 0;
            for (double[] log : logs.values()) {
                for (int author = 0; author < authors; author++) {
                    logJoint[author][column] = log[author];
                }
                column++;
            }
            return new Prompt(name, weight, outcomes, logJoint);
        }
    }

    /** Texts of several sources with their shares, which add up to 1; all of the same prompts and authors. */
    static AuthoredTexts mixed(Map<AuthoredTexts, Double> sources) {
        List<Prompt> first = sources.keySet().iterator().next().prompts;
        List<Prompt> prompts = new ArrayList<>();
        for (int c = 0; c < first.size(); c++) {
            Prompt any = first.get(c);
            Kinds kinds = new Kinds(any.logJoint.length);
            for (Map.Entry<AuthoredTexts, Double> source : sources.entrySet()) {
                Prompt prompt = source.getKey().prompts.get(c);
                for (int x = 0; x < prompt.outcomes.size(); x++) {
                    kinds.add(prompt.outcomes.get(x), prompt.logJoint, x, Math.log(source.getValue()));
                }
            }
            prompts.add(kinds.prompt(any.name, any.weight));
        }
        return new AuthoredTexts(prompts);
    }

    List<Prompt> prompts() {
        return prompts;
    }

    /** The texts of one prompt alone. */
    AuthoredTexts of(Prompt only) {
        return new AuthoredTexts(List.of(new Prompt(only.name, 1, only.outcomes, only.logJoint)));
    }

    /**
     * The same texts, of some authors alone.
     *
     * @throws NoPosteriorException if none of them writes behind one of the prompts
     */
    AuthoredTexts by(IntPredicate authors) {
        List<Prompt> changed = new ArrayList<>();
        for (Prompt prompt : prompts) {
            double[][] logJoint = among(prompt, new double[prompt.outcomes.size()], authors);
            double logShare = logSum(logJoint);
            if (logShare == Double.NEGATIVE_INFINITY) {
                throw new NoPosteriorException("no such author writes" + behind(prompt));
            }
            for (double[] row : logJoint) {
                Arrays.setAll(row, x -> row[x] - logShare);
            }
            changed.add(new Prompt(prompt.name, prompt.weight, prompt.outcomes, logJoint));
        }
        return new AuthoredTexts(changed);
    }

    /** The largest reward that one of some authors gives behind any prompt; none where they write nothing. */
    OptionalDouble best(IntPredicate authors) {
        return prompts.stream()
                .flatMapToDouble(prompt -> IntStream.range(0, prompt.outcomes.size())
                        .filter(x -> IntStream.range(0, prompt.logJoint.length)
                                .anyMatch(author ->
                                        authors.test(author) && prompt.logJoint[author][x] > Double.NEGATIVE_INFINITY))
                        .mapToDouble(x -> prompt.outcomes.get(x).reward))
                .max();
    }

    private String behind(Prompt prompt) {
        return prompts.size() == 1 ? "" : " behind prompt '" + prompt.name + "'";
    }

    /** (authors, outcomes) of evidence; others than some authors have none. */
    private static double[][] among(Prompt prompt, double[] logLikelihood, IntPredicate authors) {
        double[][] log = new double[prompt.logJoint.length][logLikelihood.length];
        for (int author = 0; author < log.length; author++) {
            double[] of = prompt.logJoint[author];
            boolean isOne = authors.test(author);
            Arrays.setAll( // what has no mass has none whatever is asked
                    log[author],
                    x -> isOne && of[x] > Double.NEGATIVE_INFINITY
                            ? of[x] + logLikelihood[x]
                            : Double.NEGATIVE_INFINITY);
        }
        return log;
    }

    private static double logSum(double[][] rows) {
        return LogMath.logSumExp(
                Arrays.stream(rows).mapToDouble(LogMath::logSumExp).toArray());
    }

    /**
     * What evidence makes of the texts and of who wrote them.
     *
     * @throws NoPosteriorException if no text behind one of the prompts fulfils it
     */
    Got under(Asked asked) {
        return under(asked, author -> true).got;
    }

    /**
     * What evidence leaves of some authors.
     *
     * @param got behind the evidence, and written by one of them
     * @param cost of excluding the others behind the evidence: −log P(authors | evidence), nats
     */
    record Among(Got got, double cost) {}

    /**
     * The same, and written by one of some authors: the evidence is read off all texts, then the others are excluded.
     *
     * @throws NoPosteriorException if no text of theirs behind one of the prompts fulfils it
     */
    Among under(Asked asked, IntPredicate authors) {
        double mean = 0;
        double best = Double.NEGATIVE_INFINITY;
        double kl = 0;
        double cost = 0;
        double total = 0;
        double[] written = new double[prompts.get(0).logJoint.length];
        Map<Double, Double> rewards = new LinkedHashMap<>();
        for (Prompt prompt : prompts) {
            double[] logPrior = prompt.logPrior();
            double[] logLikelihood = shifted(asked.logLikelihoods(prompt), logPrior);
            double[][] log = among(prompt, logLikelihood, authors);
            double logZ = logSum(log);
            if (logZ == Double.NEGATIVE_INFINITY) {
                throw new NoPosteriorException("never seen" + behind(prompt));
            }
            cost += prompt.weight * (logSum(among(prompt, logLikelihood, author -> true)) - logZ);
            for (int x = 0; x < logPrior.length; x++) {
                double logOutcome = Double.NEGATIVE_INFINITY;
                for (int author = 0; author < log.length; author++) {
                    logOutcome = LogMath.logAddExp(logOutcome, log[author][x]);
                    written[author] += prompt.weight * Math.exp(log[author][x] - logZ);
                }
                if (logOutcome > Double.NEGATIVE_INFINITY) {
                    double reward = prompt.outcomes.get(x).reward;
                    double p = prompt.weight * Math.exp(logOutcome - logZ);
                    total += p;
                    mean += p * reward;
                    kl += p * (logOutcome - logZ - logPrior[x]);
                    best = Math.max(best, reward);
                    rewards.merge(reward, p, Double::sum);
                }
            }
        }
        double all = total; // one, up to the rounding that is taken out here
        Arrays.setAll(written, author -> written[author] / all);
        rewards.replaceAll((reward, mass) -> mass / all);
        Got got = new Got(mean / all, best, written, kl < ROUNDING ? 0 : kl, rewards);
        return new Among(got, cost < ROUNDING ? 0 : cost);
    }

    /** Measured from the largest, so that neither large copies nor large rewards cost digits. */
    private static double[] shifted(double[] logLikelihood, double[] logPrior) {
        double top = Double.NEGATIVE_INFINITY;
        for (int x = 0; x < logPrior.length; x++) {
            top = Math.max(top, logPrior[x] == Double.NEGATIVE_INFINITY ? top : logLikelihood[x]);
        }
        double largest = top;
        return largest == Double.NEGATIVE_INFINITY
                ? logLikelihood
                : Arrays.stream(logLikelihood).map(log -> log - largest).toArray();
    }
}
