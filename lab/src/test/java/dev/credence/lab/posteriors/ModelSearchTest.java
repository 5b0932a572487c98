package dev.credence.lab.posteriors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.model.LogPartition;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.probability.Distribution;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.EvidenceExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.ExactCompletions;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.TinyCheckpoint;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A search for a model's posterior against the table of all its texts: figures, certificate, draws, the next token. */
class ModelSearchTest {
    private static final SearchRequest WHOLE = SearchRequest.whole();
    private static final double SINGLE = 1e-5; // the models compute in single precision

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

    private static PosteriorQuestion question(@Nullable String reward, String evidence, double copies) {
        return new PosteriorQuestion(EvidenceExpression.parse(evidence).times(copies), reward);
    }

    private static ModelPosterior ask(PosteriorQuestion question, int horizon, SearchRequest request) {
        ModelPrompts texts = ModelPrompts.of(model, new ModelPrompts.Extent(List.of("t"), horizon, BeginToken.AUTO));
        return Posteriors.of(texts, question, request, Listener.silent());
    }

    private static PromptSearch search(ModelPosterior posterior) {
        return Objects.requireNonNull(posterior.searched().get("t"));
    }

    private static @Nullable Finding finding(ModelPosterior posterior, String id) {
        return posterior.findings().get(id);
    }

    private static double estimate(ModelPosterior posterior, String id) {
        return Objects.requireNonNull(finding(posterior, id), id).estimate();
    }

    @Test
    void aListThatDoesNotFitInMemoryIsRefusedBeforeItIsBegun() {
        ExactCompletions listing =
                new ExactCompletions(2, List.of(), model.texts().tokenizer());
        Vocabulary vocabulary = model.transformer().vocabulary();
        listing.check(vocabulary, 2, 1);
        assertThatThrownBy(() -> listing.check(vocabulary, 40, 1))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("horizon is 40; there are ")
                .hasMessageEndingWith("choose a shorter one, or draw texts instead");
        assertThatThrownBy(() -> listing.check(vocabulary, 1_000_000, 1)).hasMessageContaining("horizon is 1000000");
        assertThatThrownBy(() -> listing.check(vocabulary, 4, Integer.MAX_VALUE))
                .hasMessageContaining("horizon is 4");
    }

    @ParameterizedTest
    @CsvSource({
        "contains:ea, at-least:1, 1",
        "regex:^a.*h$, at-least:1, 1",
        "regex:^a.*h$, reward:, 5",
        "length, reward:, 0.5",
        "'min(1,0.5*count:[ae])', reward:, 2",
        "count:a, level:2, 1",
        "0.2*count:a, raters:2, 1",
        "regex:ae, probability:, 2",
        "regex:(?=a)ae, reward:, 2"
    })
    void findsWhatTheTableHas(String reward, String evidence, double copies) {
        PosteriorQuestion question = question(reward, evidence, copies);
        ModelPosterior table = ask(question, 4, WHOLE);
        ModelPosterior found = ask(question, 4, WHOLE.until(0));
        PromptSearch.CertifiedSum certificate = search(found).certificate();
        assertThat(certificate.completions()).isEqualTo(1 + 4 + 16 + 64 + 256);
        assertThat(certificate.logPartition().cut()).isZero();
        assertThat(certificate.logPartition().width()).isZero();
        assertThat(certificate.logPartition().seen()).isLessThanOrEqualTo(341);
        assertThat(table.table().orElseThrow().outcomes("t").size()).isEqualTo(341);
        for (String id : List.of("log_z", "kl.asked_prior", "reward.asked")) {
            Finding searched = finding(found, id);
            if (searched != null) {
                assertThat(searched.grade()).as(id).isEqualTo(Grade.EXACT);
                assertThat(searched.estimate()).as(id).isCloseTo(estimate(table, id), within(SINGLE));
            }
        }
    }

    @Test
    void rareEvidenceIsFoundWhereNotEverythingCanBeSeen() {
        PromptSearch.CertifiedSum certificate = search(ask(question("regex:^ae", "at-least:1", 1), 7, WHOLE.until(0)))
                .certificate();
        assertThat(certificate.completions()).isEqualTo(21845);
        assertThat(certificate.logPartition().seen()).isLessThan(10);
        assertThat(certificate.logPartition().settled()).isEqualTo(1);
    }

    @Test
    void anIntervalAsNarrowAsAskedHoldsTheTable() {
        PosteriorQuestion question = PosteriorQuestion.of("0.5*count:[ae]", 0.5);
        ModelPosterior table = ask(question, 5, WHOLE);
        ModelPosterior found = ask(question, 5, WHOLE.until(0.05));
        for (String id : List.of("log_z", "kl.asked_prior", "reward.asked")) {
            Finding searched = Objects.requireNonNull(finding(found, id), id);
            assertThat(searched.grade()).as(id).isEqualTo(Grade.BOUNDED);
            assertThat(estimate(table, id)).as(id).isBetween(searched.lower(), searched.upper());
        }
        LogPartition logZ = search(found).certificate().logPartition();
        assertThat(logZ.width()).isBetween(1e-9, 0.05);
        assertThat(logZ.cutMass()).isBetween(1e-9, 0.5);
        assertThat(logZ.seen()).isLessThan(1365);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, 0.5})
    void drawsAndNextTokensAreThePosteriors(double until) {
        PosteriorQuestion question = PosteriorQuestion.of("0.5*count:[ae]", 0.5);
        PosteriorTable table = ask(question, 3, WHOLE).table().orElseThrow();
        Distribution posterior = table.outcomes("t");
        PromptSearch told = search(ask(question, 3, until(until).draws(300, 1).nextBehind("a")));
        assertThat(told.draws()).hasSize(300);
        double vowels = 0;
        for (PromptSearch.Draw draw : told.draws()) {
            int outcome = posterior.indexOf(draw.text());
            assertThat(Math.exp(draw.logPrior()))
                    .isCloseTo(table.prior().given("t").probability(outcome), within(SINGLE));
            assertThat(posterior.logProbability(outcome))
                    .isBetween(
                            draw.logPosterior().lower() - SINGLE,
                            draw.logPosterior().upper() + SINGLE);
            vowels += draw.reward() / 300;
        }
        double mean = 0;
        double variance = 0;
        double behindA = 0;
        double[] next = new double[5]; // by the token behind a: the end, a, e, t, h
        for (int i = 0; i < posterior.size(); i++) {
            String text = posterior.outcomes().get(i);
            double p = posterior.probability(i);
            double r = 0.5 * text.chars().filter(c -> "ae".indexOf(c) >= 0).count();
            mean += p * r;
            variance += p * r * r;
            if (text.startsWith("a")) {
                behindA += p;
                next[text.length() < 2 ? 0 : 1 + "aeth".indexOf(text.charAt(1))] += p;
            }
        }
        assertThat(vowels).isCloseTo(mean, within(4 * Math.sqrt((variance - mean * mean) / 300)));
        PromptSearch.Next behind = Objects.requireNonNull(told.next());
        assertThat(behind.behind()).isEqualTo("a");
        for (int v = 0; v < next.length; v++) {
            assertThat(next[v] / behindA)
                    .isBetween(
                            behind.tokens().lower()[v] - SINGLE, behind.tokens().upper()[v] + SINGLE);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, 0, 0.01, 0.1, 0.5, 2})
    void aDrawsLogPosteriorIsNoSurerThanLogZ(double until) {
        for (String reward : List.of("0.5*count:[ae]", "length", "contains:ea")) {
            PosteriorQuestion question = PosteriorQuestion.of(reward, 0.5);
            Distribution posterior =
                    ask(question, 4, WHOLE).table().orElseThrow().outcomes("t");
            PromptSearch told = search(ask(question, 4, until(until).draws(20, 1)));
            double width = told.certificate().logPartition().width();
            assertThat(told.draws()).hasSize(20);
            assertThat(told.whyNoLogPosterior() != null).isEqualTo(width > 1e-9);
            for (PromptSearch.Draw draw : told.draws()) {
                double truth = posterior.logProbability(posterior.indexOf(draw.text()));
                double lower = draw.logPosterior().lower();
                double upper = draw.logPosterior().upper();
                assertThat(truth).as(reward).isBetween(lower - SINGLE, upper + SINGLE);
                assertThat(upper - lower).isLessThanOrEqualTo(width + 1e-9);
                assertThat(PromptSearch.isOneNumber(draw.logPosterior())).isEqualTo(width <= 1e-9);
            }
        }
    }

    /** NaN for the whole table. */
    private static SearchRequest until(double nats) {
        return Double.isNaN(nats) ? WHOLE : WHOLE.until(nats);
    }
}
