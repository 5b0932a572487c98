package dev.credence.app.command;

import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.experiments.TextSpace;
import dev.credence.lab.models.EmbeddedModel;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.Prompts;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which transformer an experiment runs on, and on which of its texts; without any, the model that ships with Credence. */
final class ExperimentOptions {
    /** The model that ships is rewarded behind these, and asked behind the probe. */
    private static final List<String> SHIPPED_PROMPTS = List.of("ROMEO:\n", "GLOUCESTER:\n");

    private static final String SHIPPED_PROBE = "JULIET:\n";
    private static final double MOST_TEXTS = 3e5; // behind a prompt, where no horizon is given

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "A checkpoint folder in place of the model that ships.")
    private @Nullable String model;

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description =
                    "Prompts of the model, one a line (default: those of the model that ships, else the empty one).")
    private @Nullable String prompts;

    @Option(
            names = "--horizon",
            paramLabel = "T",
            description =
                    "Tokens after which texts are cut; all of them are enumerated (default: as many as leave 300,000"
                            + " texts a prompt at most).")
    private @Nullable Integer horizon;

    @Option(
            names = "--reward",
            paramLabel = "R",
            description = "Reward of the text; in fifty-copies a score in logits, of which all four readings are made"
                    + " (default count:[aeiou]; in certified 0.5*count:[aeiou]).")
    private @Nullable String reward;

    @Option(
            names = "--probe",
            paramLabel = "TEXT",
            description = "fifty-copies: a prompt that is never rewarded, to be read as data.")
    private @Nullable String probe;

    boolean isGiven() {
        return model != null;
    }

    /** The model, and the shipped one's files where it is that. */
    record Opened(OpenModel model, @Nullable EmbeddedModel files) implements AutoCloseable {
        @Override
        public void close() {
            model.close();
            if (files != null) {
                files.close();
            }
        }
    }

    Opened open() throws IOException {
        if (model != null) {
            return new Opened(OpenModel.open(model), null);
        }
        EmbeddedModel files = EmbeddedModel.unpack();
        return new Opened(OpenModel.open(files.folder().toString()), files);
    }

    TextSpace.Extent extent(OpenModel opened) {
        List<String> all =
                prompts != null ? Prompts.read(prompts).texts() : model == null ? SHIPPED_PROMPTS : List.of("");
        int vocabulary = opened.transformer().vocabulary().size();
        int most = Math.max(1, (int) (Math.log(MOST_TEXTS) / Math.log(vocabulary)));
        int tokens = horizon == null ? most : horizon;
        if (!(tokens > 0 && Math.pow(vocabulary, tokens) <= 10 * MOST_TEXTS)) {
            throw InputException.ofSetting(
                    "horizon",
                    Integer.toString(tokens),
                    "texts of so many of " + vocabulary + " tokens must be at least one and at most 3,000,000");
        }
        return new TextSpace.Extent(all, BeginToken.YES, tokens);
    }

    RewardExpression reward(String otherwise) {
        return RewardExpression.parse(reward == null ? otherwise : reward);
    }

    /** The unrewarded prompt; another model's must be named. */
    @Nullable
    String probe(TextSpace.Extent extent) {
        String unrewarded = probe != null ? probe : model == null && prompts == null ? SHIPPED_PROBE : null;
        if (unrewarded != null && extent.prompts().contains(unrewarded)) {
            throw InputException.ofSetting("probe", unrewarded, "it is one of the prompts that are rewarded");
        }
        return unrewarded;
    }
}
