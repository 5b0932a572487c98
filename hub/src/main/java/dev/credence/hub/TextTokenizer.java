package dev.credence.hub;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.credence.core.automaton.TokenTexts;
import dev.credence.core.evidence.TextTokens;
import dev.credence.core.model.Vocabulary;
import dev.credence.core.natives.NativeLibraryException;
import dev.credence.core.provenance.Cause;
import dev.credence.core.provenance.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A folder's tokenizer: texts to token ids by the folder's own rules, special tokens in the text recognised, and back. Ids
 * that cut a character come back as the replacement character U+FFFD. Any number of threads may use it.
 */
public final class TextTokenizer implements AutoCloseable {
    private final HuggingFaceTokenizer tokenizer;
    private final HuggingFaceTokenizer continued; // for texts behind others; the same where rules do not differ
    private final Path folder;
    private final OptionalInt begin;
    private final OptionalInt end;
    private final boolean rulesBegin;
    private final Optional<UnknownToken> unknown;
    private final @Nullable String[] pieces; // (V) text of each token where texts add up; null: it must be asked for

    private TextTokenizer(
            HuggingFaceTokenizer tokenizer,
            HuggingFaceTokenizer continued,
            Path folder,
            JsonFile config,
            int vocabulary) {
        this.tokenizer = tokenizer;
        this.continued = continued;
        this.folder = folder;
        this.unknown =
                UnknownToken.in(JsonFile.read(folder.resolve("tokenizer.json")).root());
        Optional<JsonFile> settings = settings(folder);
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
        return open(folder, folder, vocabulary);
    }

    /** The same, where config.json is in another folder. */
    static TextTokenizer open(Path folder, Path model, int vocabulary) {
        Path file = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new InputException(file.toString(), 0, "", "missing", "texts need a tokenizer; ids do not");
        }
        try {
            JsonFile rules = JsonFile.read(file);
            HuggingFaceTokenizer whole = TokenizerLibrary.open(rules);
            HuggingFaceTokenizer continued =
                    ContinuedText.change((ObjectNode) rules.root()) ? TokenizerLibrary.open(rules) : whole;
            JsonFile config = JsonFile.read(model.resolve("config.json"));
            return new TextTokenizer(whole, continued, folder, config, vocabulary);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        } catch (InputException | NativeLibraryException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new InputException(
                    file.toString(), 0, "", "not readable (" + Cause.of(e) + ")", "it must be a fast tokenizer's file");
        }
    }

    /**
     * The ids of a prompt.
     *
     * @param text the prompt
     * @param with whether the begin token comes in front
     * @return at least one id
     * @throws InputException if a begin token is needed and there is none, or the prompt is empty without one, or the tokenizer
     *     has no token for some of it and puts its end token there
     */
    public int[] prompt(String text, BeginToken with) {
        int[] ids = document(text);
        if (unknown.isPresent() && end.equals(OptionalInt.of(unknown.get().id()))) {
            unknown(text).ifPresent(part -> {
                throw InputException.ofSetting(
                        "prompt",
                        text,
                        "the tokenizer has no token for '" + part + "' and would read it as the end of a text, "
                                + unknown.get().text());
            });
        }
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
            throw InputException.ofSetting(
                    "bos", "no", "an empty prompt needs the begin token: a model predicts from something");
        }
        return ids;
    }

    /**
     * The ids of a completion, tokenised on its own: never together with its prompt. It goes on from the prompt: no space is
     * put in front, where the tokenizer's rules put one in front of whole texts.
     *
     * @param text the completion
     * @return its ids, no end token added
     * @throws IllegalArgumentException if the text has half a surrogate pair
     */
    public int[] completion(String text) {
        return ids(continued, text);
    }

    /**
     * The ids of a completion behind a prompt, tokenised apart. Behind nothing but the begin token it is a whole text, by all of
     * the tokenizer's rules; elsewhere it goes on from the prompt.
     *
     * @param prompt ids of the prompt
     * @param text the completion
     * @return its ids alone, no end token added
     * @throws IllegalArgumentException if the text has half a surrogate pair
     */
    public int[] behind(int[] prompt, String text) {
        boolean isWhole = prompt.length == 1 && begin.equals(OptionalInt.of(prompt[0]));
        return isWhole ? document(text) : completion(text);
    }

    /**
     * The ids of a text that stands alone, by all of the tokenizer's rules.
     *
     * @param text the text
     * @return its ids, no begin or end token added
     * @throws IllegalArgumentException if the text has half a surrogate pair
     */
    public int[] document(String text) {
        return ids(tokenizer, text);
    }

    /**
     * What of a text the tokenizer has no token for, so that it puts a token for everything unknown in its place.
     *
     * @param text any; whole characters
     * @return the first such part; nothing where each part has tokens of its own, or this token is written out
     */
    public Optional<String> unknown(String text) {
        return unknown.flatMap(token -> token.in(tokenizer.encode(text, false, false), text));
    }

    /**
     * Where a text has half a surrogate pair, which is no character and cannot be written as UTF-8.
     *
     * @param text any
     * @return its place; -1 where there is none
     */
    public static int halfPair(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isHighSurrogate(text.charAt(i))
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(text.charAt(i))) {
                return i;
            }
        }
        return -1;
    }

    private int[] ids(HuggingFaceTokenizer tokenizer, String text) {
        int half = halfPair(text);
        if (half >= 0) {
            throw new IllegalArgumentException(
                    "text has half a surrogate pair at " + half + "; a text is whole characters");
        }
        try {
            return Arrays.stream(tokenizer.encode(text, false, false).getIds())
                    .mapToInt(Math::toIntExact)
                    .toArray();
        } catch (RuntimeException e) {
            throw new InputException(
                    folder.resolve("tokenizer.json").toString(),
                    0,
                    "",
                    "not usable (" + Cause.of(e) + ")",
                    "its rules must give every text its tokens");
        }
    }

    /**
     * The text of a completion's ids, a space in front included.
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

    /**
     * How a model's tokens make texts, for evidence to be asked token by token.
     *
     * @param vocabulary the model's tokens
     * @param horizon tokens after which a text is cut
     * @return what {@code Evidence.on} takes
     */
    public TextTokens tokens(Vocabulary vocabulary, int horizon) {
        return new TokenizerTokens(this, spelled(vocabulary), horizon);
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
        if (continued != tokenizer) {
            continued.close();
        }
    }

    private String decodeWhole(int[] tokens, int length) {
        return continued.decode(Arrays.stream(tokens, 0, length).asLongStream().toArray(), false);
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
            int[] ids = document(text.get());
            if (ids.length == 1 && unknown(text.get()).isEmpty()) {
                return OptionalInt.of(ids[0]);
            }
        }
        JsonNode id = config.root().path(idName);
        JsonNode first = id.isArray() ? id.path(0) : id;
        return first.isInt() ? OptionalInt.of(first.asInt()) : OptionalInt.empty();
    }

    /** A tokenizer's tokens as those of texts up to a horizon. */
    record TokenizerTokens(TextTokenizer tokenizer, Optional<TokenTexts> spelled, int horizon) implements TextTokens {
        TokenizerTokens {
            if (!(horizon >= 1)) {
                throw new IllegalArgumentException("horizon is " + horizon + "; a text has room for 1 token or more");
            }
        }

        @Override
        public String decode(int[] tokens, int length) {
            return tokenizer.decode(tokens, length);
        }
    }
}
