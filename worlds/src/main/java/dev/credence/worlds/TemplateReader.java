package dev.credence.worlds;

import dev.credence.core.provenance.InputException;
import java.util.ArrayList;
import java.util.List;

/** From a text with variables in braces to a template; doubled braces are the braces themselves. */
final class TemplateReader {
    private final String file;
    private final VariableNames names;

    TemplateReader(String file, VariableNames names) {
        this.file = file;
        this.names = names;
    }

    Template read(YamlNode node) {
        String text = node.scalar(file, "text");
        List<String> literals = new ArrayList<>();
        List<Integer> variables = new ArrayList<>();
        StringBuilder literal = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            if ((c == '{' || c == '}') && at + 1 < text.length() && text.charAt(at + 1) == c) {
                literal.append(c);
                at++;
            } else if (c == '{') {
                int end = text.indexOf('}', at);
                if (end < 0) {
                    throw error(node, "a { that is never closed", "a variable stands in braces; {{ is a brace itself");
                }
                literals.add(literal.toString());
                literal.setLength(0);
                variables.add(variable(node, text.substring(at + 1, end).strip()));
                at = end;
            } else if (c == '}') {
                throw error(node, "a } that closes nothing", "}} is a brace itself");
            } else {
                literal.append(c);
            }
        }
        literals.add(literal.toString());
        return new Template(literals, variables);
    }

    private int variable(YamlNode node, String name) {
        int variable = names.variable(name, (value, rule) -> error(node, value, rule));
        if (names.variables().get(variable).isHidden()) {
            throw error(node, "'" + name + "'", "it is hidden: texts are made of visible variables");
        }
        return variable;
    }

    private InputException error(YamlNode node, String value, String rule) {
        return new InputException(file, node.line(), "text", value, rule);
    }
}
