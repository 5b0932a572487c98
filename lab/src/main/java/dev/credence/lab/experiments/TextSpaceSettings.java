package dev.credence.lab.experiments;

import dev.credence.core.provenance.InputException;
import dev.credence.data.rewards.RewardExpression;
import dev.credence.hub.BeginToken;
import dev.credence.lab.models.EmbeddedModel;
import dev.credence.lab.models.OpenModel;
import dev.credence.lab.models.Prompts;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which transformer an experiment runs on, and on which of its texts; without any, the model that ships with Credence. */
final class TextSpaceSettings {
    /** The model that ships is rewarded behind these, and asked behind the probe. */
    private static final List<String> SHIPPED_PROMPTS = List.of("ROMEO:\n", "GLOUCESTER:\n");

    private static final String SHIPPED_PROBE = "JULIET:\n";
    private static final double MOST_TEXTS = 3e5; // behind a prompt, where no horizon is given

    private static final String MODEL = "model";
    private static final String PROMPTS = "prompts";
    private static final String HORIZON = "horizon";
    private static final String REWARD = "reward";
    private static final String PROBE = "probe";

    private final ExperimentSettings settings;

    TextSpaceSettings(ExperimentSettings settings) {
        this.settings = settings;
    }

    /** The keys that say so, with an experiment's own standard reward. */
    static List<ExperimentKey> declared(String reward, String rewardHelp) {
        return List.of(
                ExperimentKey.text(MODEL, "", "a checkpoint folder; empty for the model that ships"),
                ExperimentKey.text(
                        PROMPTS,
                        "",
                        "a file of prompts, one a line; empty for those of the model that ships, of another the empty one"),
                ExperimentKey.whole(
                        HORIZON,
                        0,
                        0,
                        1000,
                        "tokens after which texts are cut, all of which are enumerated; 0 for as many as leave 300,000"
                                + " texts a prompt at most"),
                ExperimentKey.text(REWARD, reward, rewardHelp));
    }

    /** The key of a prompt that is never rewarded. */
    static ExperimentKey probe() {
        return ExperimentKey.text(
                PROBE,
                "",
                "a prompt that is never rewarded, to be read as data; empty for that of the model that ships, of another"
                        + " none");
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
        if (settings.has(MODEL)) {
            return new Opened(OpenModel.open(settings.text(MODEL)), null);
        }
        EmbeddedModel files = EmbeddedModel.unpack();
        return new Opened(OpenModel.open(files.folder().toString()), files);
    }

    TextSpace.Extent extent(OpenModel opened) {
        int vocabulary = opened.transformer().vocabulary().size();
        int most = Math.max(1, (int) (Math.log(MOST_TEXTS) / Math.log(vocabulary)));
        int tokens = settings.count(HORIZON) == 0 ? most : settings.count(HORIZON);
        if (!(Math.pow(vocabulary, tokens) <= 10 * MOST_TEXTS)) {
            throw InputException.ofSetting(
                    HORIZON,
                    Integer.toString(tokens),
                    "texts of so many of " + vocabulary + " tokens must be at least one and at most 3,000,000");
        }
        return new TextSpace.Extent(prompts(), BeginToken.YES, tokens);
    }

    private List<String> prompts() {
        if (settings.has(PROMPTS)) {
            return Prompts.read(settings.text(PROMPTS)).texts();
        }
        return settings.has(MODEL) ? List.of("") : SHIPPED_PROMPTS;
    }

    RewardExpression reward() {
        return RewardExpression.parse(settings.text(REWARD));
    }

    /** The unrewarded prompt; another model's must be named. */
    @Nullable
    String unrewarded() {
        boolean shipped = !settings.has(MODEL) && !settings.has(PROMPTS);
        String probe = settings.has(PROBE) ? settings.text(PROBE) : shipped ? SHIPPED_PROBE : null;
        if (probe != null && prompts().contains(probe)) {
            throw InputException.ofSetting(PROBE, probe, "it is one of the prompts that are rewarded");
        }
        return probe;
    }
}
