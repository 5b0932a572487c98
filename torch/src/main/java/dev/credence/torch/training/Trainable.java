package dev.credence.torch.training;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which weights of a transformer are trained: those whose stored name the pattern is found in. Queries, keys and values, and
 * the gate and inner projections, are one matrix here and are trained together or not at all.
 *
 * @param names found in the name that files give a weight, such as {@code h.3.attn.c_attn.weight}
 */
public record Trainable(Pattern names) {
    /** {@return every weight} */
    public static Trainable all() {
        return new Trainable(Pattern.compile(""));
    }

    /**
     * Some weights.
     *
     * @param regex found in their stored names
     * @return the choice
     * @throws java.util.regex.PatternSyntaxException if it is no regular expression
     */
    public static Trainable named(String regex) {
        return new Trainable(Pattern.compile(regex));
    }

    /** Whether one weight, made of one stored tensor or several, is chosen. */
    boolean chooses(List<String> stored) {
        long found = stored.stream().filter(name -> names.matcher(name).find()).count();
        if (found != 0 && found != stored.size()) {
            throw new IllegalArgumentException("trainable pattern '" + names + "' is found in some of " + stored
                    + "; they are one matrix and are trained together or not at all");
        }
        return found > 0;
    }
}
