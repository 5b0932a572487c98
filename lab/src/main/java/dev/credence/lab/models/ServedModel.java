package dev.credence.lab.models;

import dev.credence.core.model.Continuation;
import dev.credence.core.model.Sample;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.Provenance;
import dev.credence.endpoint.EndpointModel;
import dev.credence.endpoint.EndpointSettings;
import dev.credence.endpoint.EndpointUrl;
import dev.credence.hub.BeginToken;
import dev.credence.hub.EndChoice;
import dev.credence.hub.HubModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A server's model with its texts. Beside a checkpoint of the same tokens the checkpoint's tokenizer is used, and held against the server's;
 * else the server's own.
 *
 * <p>{@link HubModel} is the same of a folder. They are two since the modules behind them know neither each other nor a common noun of
 * texts: a server gives no weights, no end of its own and no bits that training could start from, and each of its calls may fail.
 * {@link OpenModel} is the one home of what commands ask of either.
 */
final class ServedModel implements AutoCloseable {
    private final EndpointModel model;
    private final @Nullable HubModel beside;
    private @Nullable OptionalInt begin;

    private ServedModel(EndpointModel model, @Nullable HubModel beside) {
        this.model = model;
        this.beside = beside;
    }

    /**
     * Asks the server.
     *
     * @param beside a checkpoint whose tokens are the server's, or null
     * @throws InputException if it cannot be asked
     */
    static ServedModel open(String argument, EndChoice end, @Nullable HubModel beside) {
        EndpointUrl url = EndpointUrl.of(argument);
        if (beside != null) {
            EndpointModel.Tokens known = new EndpointModel.Tokens(
                    beside.transformer().vocabulary().size(),
                    beside.transformer().vocabulary().ends());
            return new ServedModel(EndpointModel.open(url, EndpointSettings.ofEnvironment(), known), beside);
        }
        EndpointModel model = EndpointModel.open(url, EndpointSettings.ofEnvironment(), EndpointModel.Tokens.UNKNOWN);
        if (end.kind() != EndChoice.Kind.TOKEN) {
            return new ServedModel(model, null);
        }
        int[] ids = model.encode(end.token());
        if (ids.length != 1) {
            model.close();
            throw InputException.ofSetting(
                    "end", end.token(), "it is " + ids.length + " tokens of the server's, not one");
        }
        return new ServedModel(model.ending(Set.of(ids[0])), null);
    }

    EndpointModel model() {
        return model;
    }

    String title() {
        return model.facts().getOrDefault("model", model.url().toString());
    }

    String describeEnds() {
        List<String> ends = new ArrayList<>();
        for (int end : model.vocabulary().ends()) {
            ends.add(end + " " + decode(List.of(new int[] {end})).get(0));
        }
        return ends.isEmpty() ? "none" : String.join(", ", ends);
    }

    List<Provenance.Input> inputs() {
        return List.of(new Provenance.Input(model.url().toString(), 0, model.fingerprint(), null));
    }

    int[] prompt(String text, BeginToken with) {
        if (beside != null) {
            int[] ids = beside.tokenizer().prompt(text, with);
            checkPrompt(text);
            return ids;
        }
        int[] ids = model.encode(text);
        OptionalInt first = begin();
        boolean wanted = with == BeginToken.YES || (with == BeginToken.AUTO && (first.isPresent() || ids.length == 0));
        if (wanted && first.isEmpty()) {
            throw InputException.ofSetting(
                    "bos",
                    with.word(),
                    "the server " + model.url()
                            + " names no begin token; name a checkpoint beside it, or write the token into the prompt");
        }
        if (wanted && !(ids.length > 0 && ids[0] == first.getAsInt())) {
            int[] longer = new int[ids.length + 1];
            longer[0] = first.getAsInt();
            System.arraycopy(ids, 0, longer, 1, ids.length);
            return longer;
        }
        if (ids.length == 0) {
            throw InputException.ofSetting(
                    "bos", "no", "an empty prompt needs the begin token: a model predicts from something");
        }
        return ids;
    }

    private OptionalInt begin() {
        if (begin == null) {
            begin = model.begin();
        }
        return begin;
    }

    /** The server must read a prompt as the checkpoint beside it does. */
    private void checkPrompt(String text) {
        if (beside == null || !model.tokenizes()) {
            return;
        }
        int[] own = beside.tokenizer().document(text);
        int[] served = model.encode(text);
        if (!Arrays.equals(own, served)) {
            throw InputException.ofSetting(
                    "model",
                    model.url().toString(),
                    "its tokenizer reads the prompt '" + text + "' as " + Arrays.toString(served)
                            + ", the checkpoint's as " + Arrays.toString(own));
        }
    }

    Continuation continuation(int[] prompt, String completion, boolean finished) {
        if (beside != null) {
            return beside.continuation(prompt, completion, finished);
        }
        int[] ids = model.encode(completion);
        if (!completion.equals(model.decode(ids))) {
            throw new IllegalArgumentException("the server reads the text as other than it is ('" + model.decode(ids)
                    + "'), so that its tokens behind a prompt are not known; give its ids");
        }
        for (int i = 0; i + 1 < ids.length; i++) {
            if (model.vocabulary().isEnd(ids[i])) {
                throw new IllegalArgumentException("the text goes on behind its end token " + ids[i]
                        + ", where a drawn one stops; cut it there, or give its ids");
            }
        }
        boolean holdsEnd = ids.length > 0 && model.vocabulary().isEnd(ids[ids.length - 1]);
        if (!finished || holdsEnd) {
            return new Continuation(prompt, ids);
        }
        if (model.vocabulary().ends().size() != 1) {
            throw new IllegalArgumentException("the text is finished, and the server " + model.url()
                    + " does not say which of " + model.vocabulary().ends() + " ends it; choose the end token");
        }
        int[] ended = Arrays.copyOf(ids, ids.length + 1);
        ended[ids.length] = model.vocabulary().ends().iterator().next();
        return new Continuation(prompt, ended);
    }

    /** The texts of drawn completions; an end token has none. */
    List<String> texts(List<Sample> samples) {
        List<int[]> ids = new ArrayList<>();
        for (Sample sample : samples) {
            ids.add(Arrays.copyOf(sample.tokens(), sample.tokens().length - (sample.finished() ? 1 : 0)));
        }
        return decode(ids);
    }

    List<String> decode(List<int[]> ids) {
        if (beside == null) {
            return model.decode(ids);
        }
        return ids.stream()
                .map(one -> beside.tokenizer().decode(one, one.length))
                .toList();
    }

    /** The server's own texts of tokens, whoever's tokenizer is used; none where it tells no texts. */
    List<String> served(List<int[]> ids) {
        return model.tokenizes() ? model.decode(ids) : List.of();
    }

    @Override
    public void close() {
        model.close();
    }
}
