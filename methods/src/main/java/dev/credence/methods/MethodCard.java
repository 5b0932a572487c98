package dev.credence.methods;

import java.util.List;

/**
 * What a method is.
 *
 * @param name as on the command line, such as {@code best-of-n}
 * @param aliases other names it answers to
 * @param summary what it does, one line
 * @param reference papers, and the section of docs/theory.md that has its limit
 * @param options what can be set
 */
public record MethodCard(
        String name, List<String> aliases, String summary, String reference, List<MethodOption> options) {
    /**
     * Copies the lists.
     *
     * @param name as above
     * @param aliases as above
     * @param summary as above
     * @param reference as above
     * @param options as above
     */
    public MethodCard {
        aliases = List.copyOf(aliases);
        options = List.copyOf(options);
    }

    /**
     * A method of one name.
     *
     * @param name as on the command line
     * @param summary what it does, one line
     * @param reference paper or section
     * @param options what can be set
     * @return the card
     */
    public static MethodCard of(String name, String summary, String reference, MethodOption... options) {
        return new MethodCard(name, List.of(), summary, reference, List.of(options));
    }
}
