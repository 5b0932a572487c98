package dev.credence.hub;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A folder's tokenizer: texts to token ids by the folder's own rules, special tokens in the text recognised, and back. Ids
 * that cut a character come back as the replacement character U+FFFD. Any number of threads may use it.
 */
public final class TextTokenizer implements AutoCloseable {
    private final HuggingFaceTokenizer tokenizer;
    private final Path folder;
    private final OptionalInt begin;
    private final OptionalInt end;
    private final boolean rulesBegin;
    private final @Nullable String[] pieces; // (V) text of each token where texts add up; null: it must be asked for

    private TextTokenizer(HuggingFaceTokenizer tokenizer, Path folder, int vocabulary) {
        this.tokenizer = tokenizer;
        this.folder = folder;
        Optional<JsonFile> settings = settings(folder);
        JsonFile config = JsonFile.read(folder.resolve("config.json"));
        this.begin = special(settings, "bos_token", config, "bos_token_id");
        this.end = special(settings, "eos_token", config, "eos_token_id");
        long[] ruled = tokenizer.encode("", true, false).getIds();
        boolean told = settings.map(s -> s.flag("add_bos_token", false)).orElse(false);
        this.rulesBegin = begin.isPresent() && (told || (ruled.length > 0 && ruled[0] == begin.getAsInt()));
        this.pieces = new String[vocabulary];
        if (textsAddUp(folder)) {
            for (int v = 0; v < vocabulary; v++) {
                String text = tokenizer.decode(new long[] {v}, false);
                pieces[v] = text.indexOf('\uFFFD') >= 0 ? null : text;
            }
        }
    }

    /**
     * Opens tokenizer.json, with tokenizer_config.json where it is there.
     *
     * @param folder a checkpoint folder
     * @param vocabulary the model's number of tokens; the tokenizer may know fewer
     * @return the tokenizer; the caller closes it
     * @throws InputException if the file is missing or the library cannot read it
     */
    public static TextTokenizer open(Path folder, int vocabulary) {
        Path file = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new InputException(file.toString(), 0, "", "missing", "texts need a tokenizer; ids do not");
        }
        Map<String, String> options = Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
        try (InputStream in = Files.newInputStream(file)) {
            return new TextTokenizer(HuggingFaceTokenizer.newInstance(in, options), folder, vocabulary);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        } catch (InputException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new InputException(
                    file.toString(),
                    0,
                    "",
                    "not readable (" + e.getMessage() + ")",
                    "it must be a fast tokenizer's file");
        }
    }

    /**
     * The ids of a prompt.
     *
     * @param text the prompt
     * @param with whether the begin token comes in front
     * @return at least one id
     * @throws InputException if a begin token is needed and there is none, or the prompt is empty without one
     */
    public int[] prompt(String text, BeginToken with) {
        int[] ids = completion(text);
        boolean wanted = with == BeginToken.YES || (with == BeginToken.AUTO && (rulesBegin || ids.length == 0));
        if (wanted && begin.isEmpty()) {
            throw new InputException(folder.toString(), 0, "bos_token", "missing", "the prompt needs a begin token");
        }
        if (wanted && !(ids.length > 0 && ids[0] == begin.getAsInt())) {
            int[] longer = new int[ids.length + 1];
            longer[0] = begin.getAsInt();
            System.arraycopy(ids, 0, longer, 1, ids.length);
            return longer;
        }
        if (ids.length == 0) {
            throw InputException.ofOption(
                    "--bos", "no", "an empty prompt needs the begin token: a model predicts from something");
        }
        return ids;
    }

    /**
     * The ids of a completion, tokenised on its own: never together with its prompt.
     *
     * @param text the completion
     * @return its ids, no end token added
     */
    public int[] completion(String text) {
        return Arrays.stream(tokenizer.encode(text, false, false).getIds())
                .mapToInt(Math::toIntExact)
                .toArray();
    }

    /**
     * The text of ids.
     *
     * @param tokens array that begins with them
     * @param length how many
     * @return the text, special tokens written out
     */
    public String decode(int[] tokens, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            String piece = tokens[i] < pieces.length ? pieces[tokens[i]] : null;
            if (piece == null) {
                return decodeWhole(tokens, length);
            }
            text.append(piece);
        }
        return text.toString();
    }

    /**
     * What each token adds to a text, as bytes, so that beginnings of texts can be followed token by token.
     *
     * @param vocabulary the model's tokens
     * @return the bytes of each; nothing where the text of a sequence is not its tokens' bytes one after the other
     */
    public Optional<TokenTexts> spelled(Vocabulary vocabulary) {
        if (!textsAddUp(folder)) {
            return Optional.empty();
        }
        TokenBytes written = TokenBytes.read(folder);
        byte[][] bytes = new byte[vocabulary.size()][];
        for (int v = 0; v < bytes.length; v++) {
            String piece = pieces[v];
            if (!vocabulary.isEnd(v)) {
                bytes[v] = piece == null ? written.of(v) : piece.getBytes(StandardCharsets.UTF_8);
            }
        }
        return Optional.of(new TokenTexts(bytes));
    }

    /** {@return the begin token, if the folder names one} */
    public OptionalInt begin() {
        return begin;
    }

    /** {@return the end token, if the folder names one} */
    public OptionalInt end() {
        return end;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private String decodeWhole(int[] tokens, int length) {
        return tokenizer.decode(Arrays.stream(tokens, 0, length).asLongStream().toArray(), false);
    }

    /** Whether the text of a sequence is the texts of its tokens, one after the other; so for these two decoders. */
    private static boolean textsAddUp(Path folder) {
        String decoder = JsonFile.read(folder.resolve("tokenizer.json"))
                .object("decoder")
                .flatMap(file -> file.optionalText("type"))
                .orElse("");
        return decoder.equals("ByteLevel") || decoder.equals("Fuse");
    }

    private static Optional<JsonFile> settings(Path folder) {
        Path file = folder.resolve("tokenizer_config.json");
        return Files.isRegularFile(file) ? Optional.of(JsonFile.read(file)) : Optional.empty();
    }

    /** A special token by its text in the tokenizer's settings, else by its id in the configuration. */
    private OptionalInt special(Optional<JsonFile> settings, String name, JsonFile config, String idName) {
        Optional<String> text = settings.flatMap(s ->
                s.optionalText(name).or(() -> s.object(name).flatMap(token -> token.optionalText("content"))));
        if (text.isPresent()) {
            int[] ids = completion(text.get());
            if (ids.length == 1) {
                return OptionalInt.of(ids[0]);
            }
        }
        JsonNode id = config.root().path(idName);
        JsonNode first = id.isArray() ? id.path(0) : id;
        return first.isInt() ? OptionalInt.of(first.asInt()) : OptionalInt.empty();
    }
}
