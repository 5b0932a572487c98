package dev.credence.lab.posteriors;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.probability.TableModel;
import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.AskedEvidence;
import dev.credence.data.rewards.EvidenceSpace;
import dev.credence.lab.inputs.WorldInput;
import dev.credence.lab.models.ModelPrompts;
import dev.credence.lab.runs.Listener;
import java.util.Map;
import java.util.Optional;

/**
 * The prior, given the evidence, exactly.
 *
 * <pre>
 * PosteriorTable posterior = Posteriors.of(TableWorlds.builtIn("t1").prior(), Evidence.prompt("a"));
 * Finding logZ = posterior.findings().get("log_z");
 * String drawn = posterior.draw("", new SplittableRandom(1));
 * </pre>
 */
public final class Posteriors {
    /** Completions of a prompt that are kept as a table; where there are more the posterior is searched for. */
    private static final double ENUMERATED = 2e6;

    private Posteriors() {}

    /**
     * The posterior of a table.
     *
     * @param prior of all outcomes, which are texts
     * @param evidence asked of each
     * @return the posterior
     * @throws dev.credence.core.posterior.NoPosteriorException if there is none
     */
    public static PosteriorTable of(TableModel prior, Evidence evidence) {
        return PosteriorTable.of(prior, AskedEvidence.of(evidence, 1, null));
    }

    /**
     * The posterior of a world.
     *
     * @param world the world
     * @param question what was observed; rewards are the world's, or expressions of its outcomes
     * @return the posterior
     * @throws InputException if a reward is unknown, or the evidence is about another kind of reward
     * @throws dev.credence.core.posterior.NoPosteriorException if there is none
     */
    public static PosteriorTable of(WorldInput world, PosteriorQuestion question) {
        return PosteriorTable.of(
                world.world().prior(), question.evidence().in(new PosteriorSpaces.OfWorld(world, question)));
    }

    /**
     * The posterior of a model's texts: of a table of all where they are few and nothing less may do, else searched for.
     *
     * @param texts which texts
     * @param question what was observed; rewards are expressions
     * @param search how long is searched, and what is told besides figures
     * @param listener hears of terms that are not bounded token by token
     * @return the posterior
     * @throws InputException if the evidence cannot be asked, or nothing is known before texts are complete and they are too many
     * @throws dev.credence.core.posterior.NoPosteriorException if there is none
     */
    public static ModelPosterior of(
            ModelPrompts texts, PosteriorQuestion question, SearchRequest search, Listener listener) {
        boolean isWhole = !search.isAnytime() && texts.completions() <= ENUMERATED;
        Optional<PosteriorTable> table = isWhole ? Optional.of(table(texts, question)) : Optional.empty();
        if (table.isPresent() && !search.tells()) {
            return new ModelPosterior(table.get().asked(), table.get().findings(), table, Map.of());
        }
        AskedEvidence asked = question.evidence().in(new PosteriorSpaces.OfTexts(question));
        ModelSearch searching = new ModelSearch(texts, asked, search, listener);
        if (!isWhole) {
            checkBounds(texts, searching, search, listener);
        }
        Map<String, PromptSearch> searched = searching.byPrompt();
        return new ModelPosterior(
                table.map(PosteriorTable::asked).orElse(asked),
                table.map(PosteriorTable::findings)
                        .orElseGet(() -> PosteriorFindings.overallOf(searched.values().stream()
                                .map(PromptSearch::findings)
                                .toList())),
                table,
                searched);
    }

    /**
     * Where a question about a world is asked.
     *
     * @param world the world
     * @param question what was observed; rewards are the world's, or expressions of its outcomes
     * @return its texts and rewards
     */
    public static EvidenceSpace space(WorldInput world, PosteriorQuestion question) {
        return new PosteriorSpaces.OfWorld(world, question);
    }

    /**
     * Where a question about a model's texts is asked, all of them listed.
     *
     * @param texts which texts
     * @param question what was observed; rewards are expressions
     * @return its texts and rewards
     */
    public static EvidenceSpace space(ModelPrompts texts, PosteriorQuestion question) {
        return new PosteriorSpaces.OfTable(question, texts);
    }

    private static PosteriorTable table(ModelPrompts texts, PosteriorQuestion question) {
        PosteriorSpaces.OfTable space = new PosteriorSpaces.OfTable(question, texts);
        return PosteriorTable.of(
                space.prior().orElseThrow(), question.evidence().in(space));
    }

    private static void checkBounds(
            ModelPrompts texts, ModelSearch searching, SearchRequest search, Listener listener) {
        if (!searching.unfollowed().isEmpty() && !search.isAnytime()) {
            throw InputException.ofSetting(
                    "horizon",
                    Integer.toString(texts.horizon()),
                    "there are " + FigureFormat.inWords(texts.completions())
                            + " completions, and nothing is known of the evidence before they are complete ("
                            + String.join("; ", searching.unfollowed())
                            + "): choose a shorter one, or give a budget of seconds");
        }
        searching.unfollowed().forEach(reason -> listener.accept("not bounded token by token: " + reason));
    }
}
