#!/bin/sh
# Checks the one of the two files that is no longer the starter; writes result.json, and the summary of the job.
# Exits as `grade check` does; for Classroom 50 (GRADE_CLASSROOM is set) also with 0 where something is wrong.
file="$slug.py"
while read -r digest name; do
    if [ -f "$$name" ] && [ "$$(sha256sum < "$$name")" != "$$digest  -" ]; then
        file="$$name"
        break
    fi
done < .github/starters.sha256

grade check "$$file" --assignment "$slug" --summary "$${GITHUB_STEP_SUMMARY:-/dev/null}" --result result.json
status=$$?
if [ -n "$${GRADE_CLASSROOM:-}" ] && [ "$$status" -eq 1 ]; then
    exit 0
fi
exit "$$status"
