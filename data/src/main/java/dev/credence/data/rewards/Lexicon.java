package dev.credence.data.rewards;

import dev.credence.core.automaton.PrefixBounds;
import dev.credence.core.automaton.TextMachine;
import dev.credence.core.automaton.ValueBounds;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NumberText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The sum of the weights of a text's words. */
final class Lexicon implements RewardTerm {
    private final String file;
    private final Map<String, Double> weights;

    private Lexicon(String file, Map<String, Double> weights) {
        this.file = file;
        this.weights = weights;
    }

    static Lexicon read(String file) {
        Map<String, Double> weights = new HashMap<>();
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of(file));
        } catch (NoSuchFileException | InvalidPathException e) {
            throw InputException.ofSetting("reward", "lexicon:" + file, "there is no such file");
        } catch (IOException e) {
            throw InputException.ofSetting("reward", "lexicon:" + file, "it must be a file of UTF-8 text");
        }
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty()) {
                addLine(weights, file, i + 1, line);
            }
        }
        if (weights.isEmpty()) {
            throw new InputException(
                    file, 0, "", "lexicon without words", "a line is a word, and behind a tab its weight");
        }
        return new Lexicon(file, weights);
    }

    private static void addLine(Map<String, Double> weights, String file, int number, String line) {
        int tab = line.indexOf('\t');
        String word = (tab < 0 ? line : line.substring(0, tab)).strip().toLowerCase(Locale.ROOT);
        if (!word.matches("[a-z']+")) {
            throw new InputException(file, number, "word", word, "a word is of the letters a to z and '");
        }
        double weight =
                tab < 0 ? 1 : weight(file, number, line.substring(tab + 1).strip());
        if (weights.putIfAbsent(word, weight) != null) {
            throw new InputException(file, number, "word", word, "a word is given once");
        }
    }

    private static double weight(String file, int number, String digits) {
        double weight;
        try {
            weight = NumberText.parse(digits);
        } catch (NumberFormatException e) {
            weight = Double.NaN;
        }
        if (!(Math.abs(weight) <= Double.MAX_VALUE)) {
            throw new InputException(file, number, "weight", digits, "it must be a finite number");
        }
        return weight;
    }

    @Override
    public double value(ScoredText text) {
        String lower = text.completion().toLowerCase(Locale.ROOT);
        double sum = 0;
        int start = -1;
        for (int i = 0; i <= lower.length(); i++) {
            char c = i < lower.length() ? lower.charAt(i) : ' ';
            boolean letter = (c >= 'a' && c <= 'z') || c == '\'';
            if (letter && start < 0) {
                start = i;
            } else if (!letter && start >= 0) {
                sum += weights.getOrDefault(lower.substring(start, i), 0.0);
                start = -1;
            }
        }
        return sum;
    }

    @Override
    public PrefixBounds bounds(Bounding with) {
        return with.automaton(this, ValueBounds.UNKNOWN, () -> TextMachine.words(weights));
    }

    @Override
    public String toString() {
        return "lexicon:" + RewardText.quoted(file);
    }
}
