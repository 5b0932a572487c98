package dev.credence.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.TokenEvidence;
import dev.credence.core.model.CompletionColumns;
import dev.credence.core.model.ExactComparison;
import dev.credence.core.model.LogPartition;
import dev.credence.core.probability.LogMath;
import dev.credence.torch.Backend;
import dev.credence.torch.trie.CompletionTrie;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A prior and a tuned policy of letters, against exact figures that another program computed in float64. */
class LettersTest {
    private static final double BETA = 0.5;
    private static final double TOLERANCE = 1e-4;

    @ParameterizedTest
    @ValueSource(strings = {"", "t", "s", "ha"})
    void exactFiguresOfEveryPrompt(String prompt) throws IOException {
        JsonNode expected = new ObjectMapper()
                .readTree(Cases.path("letters/rloo-beta0.5.json").toFile())
                .get("prompts")
                .get(prompt);
        try (HubModel prior = HubModel.open(Cases.path("letters/prior"), Backend.shared());
                HubModel policy = HubModel.open(Cases.path("letters/rloo-beta0.5"), Backend.shared())) {
            int[] ids = prior.tokenizer().prompt(prompt, BeginToken.YES);
            TokenEvidence vowels = vowels().on(prior.tokens(5), prompt);
            CompletionColumns all =
                    CompletionColumns.of(new CompletionTrie(List.of(prior.transformer(), policy.transformer()))
                            .walk(ids, 5, () -> CompletionColumns.collector(vowels, 2)));
            assertThat(all.size()).isEqualTo(expected.get("completions").asInt());
            for (double[] logProbs : all.logProbs()) {
                assertThat(LogMath.logSumExp(logProbs)).isCloseTo(0, within(1e-6));
            }
            ExactComparison figures = ExactComparison.of(all);
            check(expected, "log_z", figures.logPartition());
            check(expected, "kl.policy_prior", figures.policyFromPrior());
            check(expected, "kl.prior_policy", figures.priorFromPolicy());
            check(expected, "kl.asked_prior", figures.posteriorFromPrior());
            check(expected, "kl.policy_asked", figures.policyFromPosterior());
            check(expected, "kl.asked_policy", figures.posteriorFromPolicy());
            checkEntropies(expected, all);
            checkLedger(expected, all);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ha"})
    void aPrunedPartitionHoldsTheExactOne(String prompt) throws IOException {
        double exact = new ObjectMapper()
                .readTree(Cases.path("letters/rloo-beta0.5.json").toFile())
                .get("prompts")
                .get(prompt)
                .get("log_z")
                .asDouble();
        try (HubModel prior = HubModel.open(Cases.path("letters/prior"), Backend.shared())) {
            int[] ids = prior.tokenizer().prompt(prompt, BeginToken.YES);
            TokenEvidence vowels = vowels().bounded(0, 5).on(prior.tokens(5), prompt);
            LogPartition cut = LogPartition.of(new CompletionTrie(List.of(prior.transformer()))
                    .walk(ids, 5, () -> LogPartition.sum(vowels, Math.log(1e-3))));
            assertThat(cut.lower()).isLessThan(exact);
            assertThat(cut.upper()).isGreaterThan(exact);
            assertThat(cut.seen()).isLessThan(813_616 / 4);
        }
    }

    private static void checkEntropies(JsonNode expected, CompletionColumns all) {
        double[] prior = all.logProbs()[0];
        double[] policy = all.logProbs()[1];
        double[] asked = tilted(all, 1);
        check(expected, "entropy.prior", -mean(prior, prior));
        check(expected, "entropy.policy", -mean(policy, policy));
        check(expected, "entropy.asked", -mean(asked, asked));
        check(expected, "reward.prior", BETA * mean(prior, all.logLikelihood()));
        check(expected, "reward.policy", BETA * mean(policy, all.logLikelihood()));
        check(expected, "reward.asked", BETA * mean(asked, all.logLikelihood()));
    }

    /** The member of the family with the policy's reward, by bisection. */
    private static void checkLedger(JsonNode expected, CompletionColumns all) {
        double[] policy = all.logProbs()[1];
        double reward = mean(policy, all.logLikelihood());
        double low = 0;
        double high = 2;
        for (int i = 0; i < 40; i++) {
            double middle = (low + high) / 2;
            boolean above = mean(tilted(all, middle), all.logLikelihood()) > reward;
            low = above ? low : middle;
            high = above ? middle : high;
        }
        double[] member = tilted(all, low);
        double departure = mean(policy, policy) - mean(policy, member);
        double explained = mean(member, member) - mean(member, all.logProbs()[0]);
        check(expected, "copies.moment_match", low / BETA);
        check(expected, "kl.departure", departure);
        check(expected, "kl.explained", explained);
        check(expected, "bayes_fraction", explained / (explained + departure));
    }

    private static double[] tilted(CompletionColumns all, double copies) {
        double[] tilted = all.logProbs()[0].clone();
        Arrays.setAll(tilted, i -> tilted[i] + copies * all.logLikelihood()[i]);
        double logZ = LogMath.logSumExp(tilted);
        Arrays.setAll(tilted, i -> tilted[i] - logZ);
        return tilted;
    }

    private static double mean(double[] logProbs, double[] values) {
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += Math.exp(logProbs[i]) * values[i];
        }
        return sum;
    }

    private static void check(JsonNode expected, String id, double value) {
        assertThat(value).as(id).isCloseTo(expected.get(id).asDouble(), within(TOLERANCE));
    }

    private static Evidence vowels() {
        return Evidence.reward((prompt, completion) -> 0.5
                        * completion
                                .chars()
                                .filter(c -> "aeiou".indexOf(c) >= 0)
                                .count())
                .atKl(BETA);
    }
}
