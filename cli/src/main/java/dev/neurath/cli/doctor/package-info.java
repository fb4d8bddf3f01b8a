/** What would stop this machine or this fleet from doing its work tonight. */
@org.jspecify.annotations.NullMarked
package dev.neurath.cli.doctor;
