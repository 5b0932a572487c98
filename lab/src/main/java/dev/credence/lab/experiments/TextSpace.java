package dev.credence.lab.experiments;

import dev.credence.core.audit.ExactPrompt;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.CompletionColumns;
import dev.credence.core.model.Sample;
import dev.credence.core.posterior.ColumnPosterior;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.hub.HubModel;
import dev.credence.lab.models.ExactCompletions;
import dev.credence.lab.models.OpenModel;
import dev.credence.methods.training.TrainingTask;
import dev.credence.torch.Transformer;
import dev.credence.torch.trie.CompletionTrie;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Every text of a model up to a horizon, prompt by prompt, with a score of each: what makes figures of policies on the same
 * tokens exact.
 */
public final class TextSpace {
    private static final TokenEvidence NONE = (tokens, length, finished) -> 0;

    private final OpenModel prior;
    private final Extent extent;
    private final RewardExpression score;
    private final List<Column> columns = new ArrayList<>();
    private final double middle;

    /**
     * What is enumerated.
     *
     * @param prompts equally likely
     * @param begin whether they get the begin token
     * @param horizon tokens after which texts are cut
     */
    public record Extent(List<String> prompts, BeginToken begin, int horizon) {}

    /**
     * One prompt's texts.
     *
     * @param text the prompt
     * @param ids its tokens
     * @param logPrior (texts) nats
     * @param score (texts) as the expression gives it
     * @param lengths (texts) tokens, the end counted
     * @param texts in words
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Column(String text, int[] ids, double[] logPrior, double[] score, int[] lengths, List<String> texts) {
        double mean() {
            double mean = 0;
            for (int i = 0; i < score.length; i++) {
                mean += Math.exp(logPrior[i]) * score[i];
            }
            return mean;
        }

        double deviation() {
            double mean = mean();
            double square = 0;
            for (int i = 0; i < score.length; i++) {
                square += Math.exp(logPrior[i]) * (score[i] - mean) * (score[i] - mean);
            }
            return Math.sqrt(square);
        }
    }

    private TextSpace(OpenModel prior, Extent extent, RewardExpression score) {
        this.prior = prior;
        this.extent = extent;
        this.score = score;
        ExactCompletions all =
                new ExactCompletions(1, List.of(score), prior.texts().tokenizer());
        for (String prompt : extent.prompts) {
            int[] ids = prior.prompt(prompt, extent.begin);
            ExactCompletions.Columns one = all.of(List.of(prior.transformer()), prompt, ids, extent.horizon);
            columns.add(new Column(prompt, ids, one.logProbs()[0], one.rewards()[0], one.tokens(), one.texts()));
        }
        this.middle = columns.stream().mapToDouble(Column::mean).average().orElse(0);
    }

    /**
     * Enumerates.
     *
     * @param prior the model; stays the caller's
     * @param extent prompts and horizon
     * @param score of texts
     * @return all of them
     */
    public static TextSpace of(OpenModel prior, Extent extent, RewardExpression score) {
        return new TextSpace(prior, extent, score);
    }

    /** {@return texts of all prompts} */
    public long size() {
        return columns.stream().mapToLong(column -> column.logPrior.length).sum();
    }

    OpenModel prior() {
        return prior;
    }

    List<Column> columns() {
        return columns;
    }

    Extent extent() {
        return extent;
    }

    /** The score that is a reward of 0: its mean over prompts under the prior. */
    double middle() {
        return middle;
    }

    /** The reward of every text of a prompt; the score's zero is its mean over prompts under the prior. */
    double[] rewards(Column column, RewardReading reading) {
        double mean = column.mean() - middle;
        double deviation = column.deviation();
        double[] rewards = new double[column.score.length];
        for (int i = 0; i < rewards.length; i++) {
            rewards[i] = reading.of(column.score[i] - middle, mean, deviation);
        }
        return rewards;
    }

    /** The likeliest of the best-scored texts behind the first prompt. */
    private int best() {
        Column column = columns.get(0);
        int best = 0;
        for (int i = 1; i < column.score.length; i++) {
            if (column.score[i] > column.score[best]
                    || (column.score[i] == column.score[best] && column.logPrior[i] > column.logPrior[best])) {
                best = i;
            }
        }
        return best;
    }

    /** {@return the text whose copies readers are given, in quotes} */
    public String example() {
        return "'" + columns.get(0).texts.get(best()).replace("\n", "\\n") + "'";
    }

    /** The model with copies of that text in its context, asked about an unrewarded prompt. */
    ContextReaders readers(String probe) {
        Column column = columns.get(0);
        int[] text = prior.texts().tokenizer().completion(column.texts.get(best()));
        int[] example = Arrays.copyOf(column.ids, column.ids.length + text.length);
        System.arraycopy(text, 0, example, column.ids.length, text.length);
        return ContextReaders.of(prior.transformer(), example, prior.prompt(probe, extent.begin));
    }

    /** Log-probabilities under another model of the same tokens: prompt by prompt, texts in the columns' order. */
    List<double[]> logProbs(Transformer model) {
        CompletionTrie trie = new CompletionTrie(List.of(model));
        List<double[]> all = new ArrayList<>();
        for (Column column : columns) {
            CompletionColumns one = CompletionColumns.of(
                    trie.walk(column.ids, extent.horizon, () -> CompletionColumns.collector(NONE, 1)));
            all.add(one.logProbs()[0]);
        }
        return all;
    }

    /** A policy's texts as the audit reads them. */
    List<ExactPrompt> audited(RewardReading reading, List<double[]> logPolicy) {
        List<ExactPrompt> prompts = new ArrayList<>();
        for (int c = 0; c < columns.size(); c++) {
            Column column = columns.get(c);
            prompts.add(new ExactPrompt(
                    column.text,
                    1.0 / columns.size(),
                    column.logPrior,
                    logPolicy.get(c),
                    new double[][] {rewards(column, reading)},
                    column.lengths));
        }
        return prompts;
    }

    /** The exact posterior of evidence on the reward: log-probabilities, prompt by prompt. */
    List<double[]> posterior(RewardReading reading, RewardLikelihood evidence) {
        List<double[]> all = new ArrayList<>();
        for (Column column : columns) {
            all.add(ColumnPosterior.of(column.logPrior, rewards(column, reading), evidence)
                    .logProbs());
        }
        return all;
    }

    /** The same reward of drawn texts, to train on. */
    TrainingTask task(RewardReading reading) {
        List<TrainingTask.Prompt> prompts = new ArrayList<>();
        columns.forEach(column -> prompts.add(new TrainingTask.Prompt(column.text, column.ids, 1)));
        double[] means =
                columns.stream().mapToDouble(column -> column.mean() - middle).toArray();
        double[] deviations = columns.stream().mapToDouble(Column::deviation).toArray();
        List<String> names = extent.prompts;
        HubModel texts = prior.texts();
        return new TrainingTask(
                prompts,
                (prompt, samples) -> {
                    int c = names.indexOf(prompt.text());
                    return samples.stream()
                            .mapToDouble(sample ->
                                    reading.of(score(texts, prompt.text(), sample) - middle, means[c], deviations[c]))
                            .toArray();
                },
                extent.horizon,
                null);
    }

    private double score(HubModel texts, String prompt, Sample sample) {
        return score.reward(prompt, texts.text(sample), sample.tokens().length);
    }
}
