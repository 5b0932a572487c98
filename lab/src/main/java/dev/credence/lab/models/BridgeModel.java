package dev.credence.lab.models;

import dev.credence.core.model.ContextWindowException;
import dev.credence.core.provenance.InputException;
import dev.credence.hub.BeginToken;
import dev.credence.hub.EndChoice;
import java.util.Arrays;
import java.util.Set;

/**
 * A third model on the tokens of a prior and a policy, to draw texts from that lie between theirs: every record of a log is
 * scored under it too, so that it is part of what the records were drawn from.
 */
public final class BridgeModel implements AutoCloseable {
    private static final String PLAIN_NAME = "bridge";
    private static final Set<String> TAKEN = Set.of("prior", "policy", "tilt", "");

    private final OpenModel model;
    private final String name;

    private BridgeModel(OpenModel model) {
        this.model = model;
        String title = model.title();
        this.name = TAKEN.contains(title) || title.startsWith("tilt ") ? PLAIN_NAME : title;
    }

    /**
     * Loads it.
     *
     * @param argument the folder
     * @param models prior and policy, whose tokens it must have
     * @param end which tokens end a text, as of the two
     * @return the model; the caller closes it
     * @throws InputException if it cannot be loaded, or its tokens are others
     */
    public static BridgeModel open(String argument, ModelPair models, EndChoice end) {
        OpenModel model = OpenModel.open(argument, end, models.modelPrecision());
        try {
            ModelPair.checkTokens(PLAIN_NAME, models.prior(), model);
            return new BridgeModel(model);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** {@return what its draws are called in a log: the folder's own name, or {@code bridge} where that means another source} */
    public String name() {
        return name;
    }

    /** {@return the model} */
    public OpenModel model() {
        return model;
    }

    /**
     * Checks that it reads a prompt as the two do.
     *
     * @param text the prompt
     * @param ids of it, by the two
     * @param begin whether the begin token comes in front
     * @param newTokens how many tokens may follow
     * @throws InputException if its tokenizer differs in it, or its context window is too small
     */
    public void check(String text, int[] ids, BeginToken begin, int newTokens) {
        if (!Arrays.equals(ids, model.prompt(text, begin))) {
            throw InputException.ofSetting(
                    PLAIN_NAME, model.argument(), "its tokenizer reads the prompt '" + text + "' differently");
        }
        try {
            model.checkRoom(ids, newTokens);
        } catch (ContextWindowException e) {
            throw InputException.ofSetting(PLAIN_NAME, model.argument(), String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
