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
     * The card of a method whose settings are its record's components.
     *
     * @param standard the method with its defaults
     * @param name as on the command line
     * @param summary what it does, one line
     * @param reference paper or section
     * @param <S> the record class
     * @return the card
     */
    public static <S extends Conditioner> MethodCard of(S standard, String name, String summary, String reference) {
        return new MethodCard(
                name, List.of(), summary, reference, Settings.ofSame(standard).options(standard));
    }

    /**
     * The same with other names that it answers to.
     *
     * @param names the aliases
     * @return a changed copy
     */
    public MethodCard alias(String... names) {
        return new MethodCard(name, List.of(names), summary, reference, options);
    }
}
