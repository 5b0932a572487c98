package dev.credence.lab.posteriors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.evidence.Evidence;
import dev.credence.core.posterior.NoPosteriorException;
import dev.credence.core.probability.Distribution;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.EvidenceExpression;
import dev.credence.data.rewards.NamedReward;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.lab.runs.Listener;
import dev.credence.worlds.TableWorlds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Posteriors as a Java user asks for them: of worlds, and of a model's texts as a table and as a search. */
class PosteriorsTest {
    @TempDir
    private static Path models = Path.of("");

    private static OpenModel model;

    @BeforeAll
    static void openModel() throws IOException {
        model = OpenModel.open(TinyCheckpoint.write(models.resolve("prior"), 1).toString());
    }

    @AfterAll
    static void closeModel() {
        model.close();
    }

    private static ModelPrompts texts(int horizon) {
        return ModelPrompts.of(model, new ModelPrompts.Extent(List.of("t"), horizon, BeginToken.AUTO));
    }

    private static ModelPosterior ask(String evidence, @Nullable String reward, SearchRequest request) {
        PosteriorQuestion question = new PosteriorQuestion(EvidenceExpression.parse(evidence), reward);
        return Posteriors.of(texts(4), question, request, Listener.silent());
    }

    private static Finding finding(ModelPosterior posterior, String id) {
        return Objects.requireNonNull(posterior.findings().get(id), id);
    }

    @Test
    void aWorldInThreeLines() {
        WorldInput world = WorldInput.read("t1");
        Evidence evidence =
                Evidence.reward(world.reward("reward", null).function()).atKl(0.5);
        PosteriorTable posterior = Posteriors.of(TableWorlds.builtIn("t1").prior(), evidence);
        PosteriorTable asked = Posteriors.of(world, PosteriorQuestion.of("reward", 0.5));
        assertThat(posterior.outcomes("").probabilities())
                .usingComparatorWithPrecision(1e-14)
                .containsExactly(asked.outcomes("").probabilities());
        assertThat(posterior.findings()).containsKey("log_z").doesNotContainKey("reward.asked");
        assertThat(asked.findings()).containsKey("reward.asked");
        assertThat(posterior.outcomes("").indexOf(posterior.draw("", new SplittableRandom(1))))
                .isNotNegative();
    }

    @Test
    void aModelsPosteriorIsPriorTimesLikelihood() {
        PosteriorQuestion question = PosteriorQuestion.of("0.5*count:[ae]", 0.5);
        PosteriorTable table = Posteriors.of(texts(3), question, SearchRequest.whole(), Listener.silent())
                .table()
                .orElseThrow();
        Distribution prior = table.prior().given("t");
        Distribution posterior = table.outcomes("t");
        assertThat(posterior.size()).isEqualTo(1 + 4 + 4 * 4 + 4 * 4 * 4);
        double logZ =
                Objects.requireNonNull(table.byPrompt().get("t")).get("log_z").estimate();
        for (int i = 0; i < posterior.size(); i++) {
            double vowels = posterior
                    .outcomes()
                    .get(i)
                    .chars()
                    .filter(c -> "ae".indexOf(c) >= 0)
                    .count();
            assertThat(posterior.probability(i))
                    .as(posterior.outcomes().get(i))
                    .isCloseTo(prior.probability(i) * Math.exp(vowels - logZ), within(1e-9));
        }
        assertThat(Arrays.stream(posterior.probabilities()).sum()).isCloseTo(1, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prompt:a and reward:0.5*count:e              |",
                "2*count:a and -1*reward:contains:e            | length",
                "at-least:1 of contains:ea and level:4        | length",
                "raters:2 of 0.2*count:a and prompt:ea        |",
                "0.5*probability:0.2*length and contains:t    |",
                "-0.5*reward: and regex:^[ae]*$               | count:a",
            })
    void jointEvidenceIsTheSameFromATableAndFromASearch(String evidence, @Nullable String reward) {
        ModelPosterior table =
                ask(evidence.strip(), reward, SearchRequest.whole().draws(20, 3));
        ModelPosterior search =
                ask(evidence.strip(), reward, SearchRequest.whole().until(0).draws(20, 3));
        assertThat(table.table()).isPresent();
        assertThat(search.table()).isEmpty();
        assertThat(finding(search, "log_z").grade()).isEqualTo(Grade.EXACT);
        for (String id : List.of("log_z", "kl.asked_prior")) {
            assertThat(finding(search, id).estimate())
                    .as(id)
                    .isCloseTo(finding(table, id).estimate(), within(1e-5));
        }
        var outcomes = table.table().orElseThrow().outcomes("t");
        for (PromptSearch.Draw draw :
                Objects.requireNonNull(search.searched().get("t")).draws()) {
            assertThat(draw.logPosterior().lower())
                    .as(draw.text())
                    .isCloseTo(outcomes.logProbability(outcomes.indexOf(draw.text())), within(1e-5));
        }
        assertThat(Objects.requireNonNull(table.searched().get("t")).draws())
                .extracting(PromptSearch.Draw::text)
                .isEqualTo(Objects.requireNonNull(search.searched().get("t")).draws().stream()
                        .map(PromptSearch.Draw::text)
                        .toList());
    }

    @Test
    void eventsPruneAsRewardsDo() {
        ModelPosterior event = ask("contains:ea", null, SearchRequest.whole().until(0));
        ModelPosterior reward =
                ask("at-least:1", "contains:ea", SearchRequest.whole().until(0));
        PromptSearch ofEvent = Objects.requireNonNull(event.searched().get("t"));
        PromptSearch ofReward = Objects.requireNonNull(reward.searched().get("t"));
        assertThat(ofEvent.certificate()).isEqualTo(ofReward.certificate());
        assertThat(ofEvent.certificate().logPartition().excluded()).isPositive();
        assertThat(ofEvent.certificate().logPartition().settled()).isPositive();
        PromptSearch begun = Objects.requireNonNull(
                ask("prompt:ea", null, SearchRequest.whole().until(0))
                        .searched()
                        .get("t"));
        assertThat(begun.certificate().logPartition().settled())
                .as("all behind ea at once")
                .isEqualTo(1);
        assertThat(begun.certificate().logPartition().seen()).isLessThan(4);
    }

    @Test
    void aDrawHasTheRewardThatIsSpokenOf() {
        SearchRequest drawing = SearchRequest.whole().until(0).draws(5, 1);
        for (PromptSearch.Draw draw : Objects.requireNonNull(
                        ask("prompt:a", "count:a", drawing).searched().get("t"))
                .draws()) {
            assertThat(draw.reward()).isEqualTo((double)
                    draw.text().chars().filter(c -> c == 'a').count());
        }
        assertThat(Objects.requireNonNull(
                                ask("prompt:a", null, drawing).searched().get("t"))
                        .draws())
                .allMatch(draw -> Double.isNaN(draw.reward()));
        assertThat(ask("prompt:a", null, drawing).asked().reward()).isEmpty();
        assertThat(ask("prompt:a", "count:a", SearchRequest.whole()).asked().reward())
                .map(NamedReward::name)
                .contains("count:a");
    }

    @Test
    void evidenceOfJavaIsAskedOfTextsNotOfNames() {
        RewardExpression length = RewardExpression.parse("length");
        Evidence evidence =
                Evidence.rewardLevel(3, length).and(Evidence.event("no h", (p, text) -> !text.contains("h")));
        ModelPosterior table =
                Posteriors.of(texts(4), PosteriorQuestion.of(evidence), SearchRequest.whole(), Listener.silent());
        List<String> heard = new ArrayList<>();
        ModelPosterior search = Posteriors.of(
                texts(4), PosteriorQuestion.of(evidence), SearchRequest.whole().until(0), heard::add);
        assertThat(finding(search, "log_z").estimate())
                .isCloseTo(finding(table, "log_z").estimate(), within(1e-5));
        assertThat(heard).containsExactly("not bounded token by token: no h: is asked of complete texts");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1*contains:ea", "count:a and -2*prompt:e"})
    void anInfiniteLikelihoodHasNoPosterior(String evidence) {
        for (SearchRequest request :
                List.of(SearchRequest.whole(), SearchRequest.whole().until(0))) {
            assertThatThrownBy(() -> ask(evidence, null, request))
                    .isInstanceOf(NoPosteriorException.class)
                    .hasMessageContaining("is Infinity: Z is infinite");
        }
        assertThat(ask("prompt:e and -2*prompt:e", null, SearchRequest.whole().until(0))
                        .findings())
                .as("what is excluded for sure is not divided by nothing")
                .containsKey("log_z");
    }

    @Test
    void whatCannotBeAskedIsRefused() {
        SearchRequest search = SearchRequest.whole().until(0);
        assertThatThrownBy(() -> ask("prompt:a and beats:4 of length", null, search))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "evidence is prompt:a and beats:4 of length; it needs the rewards of all texts: choose a shorter"
                                + " horizon, and leave until, budget, draw and next out");
        assertThat(ask("prompt:a and beats:4 of length", null, SearchRequest.whole())
                        .table())
                .isPresent();
        assertThatThrownBy(() -> ask("level:1", null, search)).hasMessageStartingWith("reward is missing");
        assertThatThrownBy(() ->
                        new PosteriorQuestion(EvidenceExpression.parse("level:1 of magic:x"), null).checkOfModel())
                .hasMessageContaining("magic:x");
        assertThatThrownBy(() -> SearchRequest.whole().until(-1)).hasMessageStartingWith("until is -1.0");
        assertThatThrownBy(() -> SearchRequest.whole().within(0)).hasMessageStartingWith("budget is 0.0");
        assertThatThrownBy(() -> SearchRequest.whole().draws(-1, 0)).hasMessageStartingWith("draw is -1");
        assertThatThrownBy(() -> PosteriorQuestion.of("length", -1)).hasMessageStartingWith("beta is -1.0");
    }
}
