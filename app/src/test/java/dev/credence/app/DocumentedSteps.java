package dev.credence.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a document's blocks of code tell a reader to do, in order: files to write, commands to type. */
final class DocumentedSteps {
    private static final Pattern BLOCK =
            Pattern.compile("^```([a-z]*)\\R(.*?)^```", Pattern.DOTALL | Pattern.MULTILINE);
    /** Quoted or bare; a comment, a pipe or a redirection ends the command. */
    private static final Pattern WORD =
            Pattern.compile("\\G\\s*((?:\\$?'[^']*'|\"[^\"]*\"|\\\\ |[^\\s'\"|><#&;]|(?<=\\S)#)+)");

    private static final Pattern QUOTED = Pattern.compile("\\$'([^']*)'|'([^']*)'|\"([^\"]*)\"");
    /** In a shell, or as a step of a pipeline's file. */
    private static final Pattern COMMAND =
            Pattern.compile("(?:- )?(?:run: )?(?:\\./|\\.\\./\\.\\./)?credence\\s+([a-z].*)");

    private static final Pattern EDITED =
            Pattern.compile("sed 's/([^/]*)/([^/]*)/' +(\\S+) +> +(\\S+?);\\s*(.*)"); // and what is typed after it
    private static final Pattern VARIABLE = Pattern.compile("([A-Z]+)=(\\S+)");
    private static final Pattern PRINTED = Pattern.compile("printf '([^']*)' > (\\S+)");
    private static final Pattern TARGET = Pattern.compile("[^>]*[^>0-9-]>\\s*([\\w.-]+).*");
    /** A block that is a file says its name: in the line above, or in a comment of its own first line. */
    private static final Pattern NAMED = Pattern.compile("`([\\w-]+\\.(?:yaml|jsonl))`");

    private static final Pattern OWN_NAME = Pattern.compile("# ([\\w-]+\\.yaml)");

    private DocumentedSteps() {}

    /** One of them. */
    sealed interface Step {}

    /**
     * A file.
     *
     * @param name in the reader's folder
     * @param content of it
     */
    record Written(String name, String content) implements Step {}

    /**
     * A file that another one becomes.
     *
     * @param from that other one
     * @param what is replaced in every line
     * @param with by that
     * @param name in the reader's folder
     */
    record Edited(String from, String what, String with, String name) implements Step {}

    /**
     * A command.
     *
     * @param line as it stands, without the program's name
     * @param words as a shell would hand them on
     * @param target the file that its standard output goes to, or null
     */
    record Typed(String line, List<String> words, @Nullable String target) implements Step {
        /** Whether a word is a shell's variable that the document does not set. */
        boolean isOpen() {
            return words.stream().anyMatch(word -> word.startsWith("$"));
        }
    }

    static List<Path> documents(Path root) throws IOException {
        try (Stream<Path> docs = Files.list(root.resolve("docs"))) {
            return Stream.concat(
                            Stream.of(root.resolve("README.md")),
                            docs.filter(file -> file.toString().endsWith(".md")))
                    .sorted()
                    .toList();
        }
    }

    /**
     * The steps of a document.
     *
     * @param text of the document
     * @param variables that the reader has set
     * @return in its order; outlines (… or ... or optional words in brackets) are none
     */
    static List<Step> of(String text, Map<String, String> variables) {
        Map<String, String> known = new HashMap<>(variables);
        List<Step> steps = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            String name = name(text.substring(0, block.start()), block.group(2));
            if (name != null && !block.group(1).isEmpty()) {
                steps.add(new Written(name, block.group(2)));
                continue;
            }
            String joined = block.group(2).replaceAll("\\\\\\R\\s*", " ");
            joined.lines()
                    .map(line -> line.strip().replaceFirst("^\\$ ", ""))
                    .forEach(line -> read(line, known, steps));
        }
        return steps;
    }

    private static @Nullable String name(String before, String block) {
        Matcher own = OWN_NAME.matcher(block);
        if (own.lookingAt()) {
            return own.group(1);
        }
        String[] lines = before.stripTrailing().split("\n", -1);
        Matcher named = NAMED.matcher(lines[lines.length - 1]);
        return named.lookingAt() ? named.group(1) : null;
    }

    private static void read(String line, Map<String, String> known, List<Step> steps) {
        Matcher variable = VARIABLE.matcher(line);
        Matcher printed = PRINTED.matcher(line);
        Matcher command = COMMAND.matcher(line);
        Matcher edited = EDITED.matcher(line);
        if (edited.matches()) {
            steps.add(new Edited(edited.group(3), edited.group(1), edited.group(2), edited.group(4)));
            read(edited.group(5), known, steps);
        } else if (variable.matches()) {
            known.put(variable.group(1), variable.group(2));
        } else if (printed.matches()) {
            steps.add(new Written(printed.group(2), unescaped(printed.group(1))));
        } else if (command.matches() && !isOutline(command.group(1))) {
            String typed = command.group(1);
            Matcher target = TARGET.matcher(typed.replaceAll("'[^']*'|\"[^\"]*\"", "''"));
            List<String> words =
                    words(typed).stream().map(word -> with(known, word)).toList();
            steps.add(new Typed(typed, words, target.matches() ? target.group(1) : null));
        }
    }

    private static boolean isOutline(String command) {
        return command.startsWith("bench ")
                || command.contains("…")
                || command.contains("...")
                || command.contains(" [");
    }

    private static String with(Map<String, String> known, String word) {
        Matcher variable = Pattern.compile("\\$([A-Z]+)").matcher(word);
        return variable.replaceAll(
                found -> Matcher.quoteReplacement(known.getOrDefault(found.group(1), found.group())));
    }

    /** The words of a command. */
    static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(command);
        while (word.find()) {
            words.add(QUOTED.matcher(word.group(1)).replaceAll(quoted -> {
                if (quoted.group(1) != null) {
                    return Matcher.quoteReplacement(unescaped(quoted.group(1)));
                }
                return Matcher.quoteReplacement(quoted.group(2) != null ? quoted.group(2) : quoted.group(3));
            }));
        }
        return words;
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n").replace("\\\n", "\\n");
    }
}
