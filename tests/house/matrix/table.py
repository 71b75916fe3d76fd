"""Who may do what, as one table: every route, for every role, in every state that changes the answer.

`yes`: done or shown. `in`: sent to sign in. A number: refused so. What one may not see answers 404. A name in braces
is made for the row, see `things.py`; `+name` is what is sent, see `FORMS`. The boards: rotterdam as usual, melbourne
paused, shenzhen moderated before publication, los-angeles for members only, berlin the one that `other` moderates.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = ("nobody", "resident", "expert", "author", "fresh", "late", "ours", "other", "organiser")
"""`expert` is verified; `author` wrote what the row is about; `fresh` registered today and has not confirmed, `late`
has not within the first day; `ours` moderates every board but berlin, `other` only berlin."""

READING = """
#                                                            nob res exp aut fre lat our oth org
GET    /                                                     yes yes yes yes yes yes yes yes yes
GET    /healthz                                              yes yes yes yes yes yes yes yes yes
GET    /readyz                                               yes yes yes yes yes yes yes yes yes
GET    /metrics                                              404 404 404 404 404 404 404 404 404
GET    /privacy                                              yes yes yes yes yes yes yes yes yes
POST   /language +language                                   yes yes yes yes yes yes yes yes yes
GET    /rotterdam                                            yes yes yes yes yes yes yes yes yes
GET    /atlantis                                             404 404 404 404 404 404 404 404 404
GET    /rotterdam/changes?since=0                            yes yes yes yes yes yes yes yes yes
GET    /rotterdam/similar?title=bike                         yes yes yes yes yes yes yes yes yes
GET    /rotterdam/log                                        yes yes yes yes yes yes yes yes yes
GET    /rotterdam/compare                                    yes yes yes yes yes yes yes yes yes
GET    /rotterdam/workshops/{closed}/result                  yes yes yes yes yes yes yes yes yes
GET    /rotterdam/workshops/{closed}/result.csv              yes yes yes yes yes yes yes yes yes
GET    /rotterdam/workshops/{voting}/result                  404 404 404 404 404 404 yes 404 yes
GET    /rotterdam/workshops/{voting}/result.csv              404 404 404 404 404 404 yes 404 yes
GET    /rotterdam/log.csv                                    yes yes yes yes yes yes yes yes yes
GET    /rotterdam/ideas/{idea}                               yes yes yes yes yes yes yes yes yes
GET    /rotterdam/ideas/{idea}-bike-lane-on-coolsingel       yes yes yes yes yes yes yes yes yes
GET    /rotterdam/ideas/{held}-bike-lane-on-coolsingel       404 404 404 yes 404 404 yes 404 yes
GET    /rotterdam/ideas/{hidden}-bike-lane-on-coolsingel     404 404 404 yes 404 404 yes 404 yes
GET    /rotterdam/ideas/{withdrawn}-bike-lane-on-coolsingel  404 404 404 404 404 404 404 404 404
GET    /rotterdam/ideas/{merged}                             yes yes yes yes yes yes yes yes yes
GET    /rotterdam/ideas/{merged_into_hidden}                 404 404 404 404 404 404 404 404 404
GET    /berlin/ideas/{idea}-bike-lane-on-coolsingel          404 404 404 404 404 404 404 404 404
GET    /berlin/ideas/{hidden}-bike-lane-on-coolsingel        404 404 404 404 404 404 404 404 404
"""

TAKING_PART = """
#                                                            nob res exp aut fre lat our oth org
GET    /rotterdam/ideas/new                                  in  yes yes yes yes yes yes yes yes
POST   /rotterdam/ideas +idea                                in  yes yes yes yes 403 yes yes yes
POST   /preview +text                                        in  yes yes yes yes yes yes yes yes
GET    /ideas/{idea}/edit                                    in  404 404 yes 404 404 404 404 404
POST   /ideas/{idea}/edit +idea                              in  404 404 yes 404 404 404 404 404
POST   /ideas/{held}/edit +idea                              in  404 404 yes 404 404 404 404 404
POST   /ideas/{hidden}/edit +idea                            in  404 404 422 404 404 404 404 404
POST   /ideas/{old}/edit +idea                               in  404 404 422 404 404 404 404 404
POST   /ideas/{answered}/edit +idea                          in  404 404 422 404 404 404 404 404
POST   /ideas/{merged}/edit +idea                            in  404 404 404 404 404 404 404 404
GET    /ideas/{idea}/withdrawal                              in  404 404 yes 404 404 404 404 404
POST   /ideas/{idea}/withdrawal                              in  404 404 yes 404 404 404 404 404
POST   /ideas/{held}/withdrawal                              in  404 404 yes 404 404 404 404 404
POST   /ideas/{old}/withdrawal                               in  404 404 422 404 404 404 404 404
POST   /ideas/{hidden}/withdrawal                            in  404 404 422 404 404 404 404 404
POST   /ideas/{idea}/upvote +upvote                          in  yes yes 403 yes 403 yes yes yes
PUT    /ideas/{idea}/upvote                                  in  yes yes 403 yes 403 yes yes yes
DELETE /ideas/{idea}/upvote                                  in  yes yes yes yes yes yes yes yes
PUT    /ideas/{held}/upvote                                  in  404 404 404 404 404 404 404 404
PUT    /ideas/{hidden}/upvote                                in  404 404 404 404 404 404 404 404
DELETE /ideas/{hidden}/upvote                                in  404 404 404 404 404 404 404 404
PUT    /ideas/{withdrawn}/upvote                             in  404 404 404 404 404 404 404 404
PUT    /ideas/{merged}/upvote                                in  404 404 404 404 404 404 404 404
POST   /ideas/{idea}/comments +text                          in  yes yes yes yes 403 yes yes yes
POST   /ideas/{locked}/comments +text                        in  403 403 403 403 403 yes 403 yes
POST   /ideas/{held}/comments +text                          in  404 404 404 404 404 404 404 404
POST   /ideas/{hidden}/comments +text                        in  404 404 404 404 404 404 404 404
POST   /ideas/{merged}/comments +text                        in  404 404 404 404 404 404 404 404
GET    /comments/{comment}/edit                              in  404 404 yes 404 404 404 404 404
POST   /comments/{comment}/edit +text                        in  404 404 yes 404 404 404 404 404
GET    /comments/{held_comment}/edit                         in  404 404 yes 404 404 404 404 404
POST   /comments/{held_comment}/edit +text                   in  404 404 yes 404 404 404 404 404
POST   /comments/{hidden_comment}/edit +text                 in  404 404 404 404 404 404 404 404
POST   /comments/{comment_on_hidden}/edit +text              in  404 404 404 404 404 404 404 404
GET    /comments/{comment}/withdrawal                        in  404 404 yes 404 404 404 404 404
POST   /comments/{comment}/withdrawal                        in  404 404 yes 404 404 404 404 404
POST   /comments/{held_comment}/withdrawal                   in  404 404 yes 404 404 404 404 404
POST   /comments/{hidden_comment}/withdrawal                 in  404 404 404 404 404 404 404 404
GET    /ideas/{idea}/report                                  in  yes yes 403 yes 403 yes yes yes
POST   /ideas/{idea}/report +reason                          in  yes yes 403 yes 403 yes yes yes
POST   /ideas/{idea}/report                                  in  422 422 403 422 403 422 422 422
GET    /ideas/{held}/report                                  in  404 404 404 404 404 404 404 404
POST   /ideas/{hidden}/report +reason                        in  404 404 404 404 404 404 404 404
POST   /ideas/{merged}/report +reason                        in  404 404 404 404 404 404 404 404
GET    /comments/{comment}/report                            in  yes yes 403 yes 403 yes yes yes
POST   /comments/{comment}/report +reason                    in  yes yes 403 yes 403 yes yes yes
GET    /comments/{hidden_comment}/report                     in  404 404 404 404 404 404 404 404
POST   /comments/{held_comment}/report +reason               in  404 404 404 404 404 404 404 404
POST   /comments/{comment_on_hidden}/report +reason          in  404 404 404 404 404 404 404 404
GET    /acts/{hiding}/objection                              in  404 404 yes 404 404 404 404 404
POST   /acts/{hiding}/objection +objection                   in  404 404 yes 404 404 404 404 404
POST   /acts/{hiding_of_comment}/objection +objection        in  404 404 yes 404 404 404 404 404
POST   /acts/{undone}/objection +objection                   in  404 404 404 404 404 404 404 404
GET    /acts/{banning}/objection                             in  404 404 404 404 404 404 404 404
"""

ON_OTHER_BOARDS = """
#      paused                                                nob res exp aut fre lat our oth org
GET    /melbourne                                            yes yes yes yes yes yes yes yes yes
GET    /melbourne/ideas/new                                  in  yes yes yes yes yes yes yes yes
POST   /melbourne/ideas +idea                                in  403 403 403 403 403 yes 403 yes
POST   /ideas/{paused_idea}/comments +text                   in  403 403 403 403 403 yes 403 yes
PUT    /ideas/{paused_idea}/upvote                           in  403 403 403 403 403 yes 403 yes
POST   /ideas/{paused_idea}/report +reason                   in  yes yes 403 yes 403 yes yes yes
POST   /ideas/{paused_idea}/withdrawal                       in  404 404 yes 404 404 404 404 404
#      moderated before publication
GET    /shenzhen                                             yes yes yes yes yes yes yes yes yes
POST   /shenzhen/ideas +idea                                 in  yes yes yes yes 403 yes yes yes
POST   /ideas/{before_idea}/comments +text                   in  yes yes yes yes 403 yes yes yes
POST   /ideas/{before_idea}/edit +idea                       in  404 404 yes 404 404 404 404 404
GET    /shenzhen/ideas/{waiting}-bike-lane-on-coolsingel     404 404 404 yes 404 404 yes 404 yes
PUT    /ideas/{waiting}/upvote                               in  404 404 404 404 404 404 404 404
#      for members only
GET    /los-angeles                                          in  yes yes yes yes 403 yes yes yes
GET    /los-angeles/changes?since=0                          in  yes yes yes yes 403 yes yes yes
GET    /los-angeles/similar?title=bike                       in  yes yes yes yes 403 yes yes yes
GET    /los-angeles/log                                      in  yes yes yes yes 403 yes yes yes
GET    /los-angeles/log.csv                                  in  yes yes yes yes 403 yes yes yes
GET    /los-angeles/ideas/new                                in  yes yes yes yes 403 yes yes yes
POST   /los-angeles/ideas +idea                              in  yes yes yes yes 403 yes yes yes
GET    /los-angeles/ideas/{members_idea}                     in  yes yes yes yes 403 yes yes yes
GET    /los-angeles/ideas/2000000                            in  404 404 404 404 403 404 404 404
GET    /los-angeles/ideas/{members_hidden}                   in  404 404 yes 404 403 yes 404 yes
PUT    /ideas/{members_idea}/upvote                          in  yes yes 403 yes 404 yes yes yes
DELETE /ideas/{members_idea}/upvote                          in  yes yes yes yes 404 yes yes yes
POST   /ideas/{members_idea}/comments +text                  in  yes yes yes yes 404 yes yes yes
GET    /ideas/{members_idea}/report                          in  yes yes 403 yes 404 yes yes yes
GET    /comments/{members_comment}/report                    in  yes yes 403 yes 404 yes yes yes
"""

MODERATING = """
#                                                            nob res exp aut fre lat our oth org
GET    /rotterdam/moderate                                   in  404 404 404 404 404 yes 404 yes
GET    /rotterdam/moderate/items?since=0                     in  404 404 404 404 404 yes 404 yes
GET    /rotterdam/moderate/items?ids={item}                  in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/moderate/acts +keep_many                   in  404 404 404 404 404 yes 404 yes
GET    /berlin/moderate                                      in  404 404 404 404 404 404 yes yes
GET    /ideas/{idea}/moderate                                in  404 404 404 404 404 yes 404 yes
GET    /ideas/{hidden}/moderate                              in  404 404 404 404 404 yes 404 yes
GET    /ideas/{withdrawn}/moderate                           in  404 404 404 404 404 404 404 404
GET    /comments/{comment}/moderate                          in  404 404 404 404 404 yes 404 yes
GET    /comments/{hidden_comment}/moderate                   in  404 404 404 404 404 yes 404 yes
POST   /ideas/{idea}/acts +hide                              in  404 404 404 404 404 yes 404 yes
POST   /ideas/{idea}/acts                                    in  404 404 404 404 404 422 404 422
POST   /ideas/{idea}/acts +hide_unreasoned                   in  404 404 404 404 404 422 404 422
POST   /ideas/{idea}/acts +hold                              in  404 404 404 404 404 yes 404 yes
POST   /ideas/{idea}/acts +keep                              in  404 404 404 404 404 yes 404 yes
POST   /ideas/{idea}/acts +pin                               in  404 404 404 404 404 yes 404 yes
POST   /ideas/{idea}/acts +lock                              in  404 404 404 404 404 yes 404 yes
POST   /ideas/{locked}/acts +unlock                          in  404 404 404 404 404 yes 404 yes
POST   /ideas/{held}/acts +approve                           in  404 404 404 404 404 yes 404 yes
POST   /ideas/{held}/acts +decline                           in  404 404 404 404 404 yes 404 yes
POST   /ideas/{hidden}/acts +restore                         in  404 404 404 404 404 yes 404 yes
POST   /ideas/{hidden}/acts +hide                            in  404 404 404 404 404 409 404 409
POST   /ideas/{withdrawn}/acts +restore                      in  404 404 404 404 404 404 404 404
POST   /comments/{comment}/acts +hide                        in  404 404 404 404 404 yes 404 yes
POST   /comments/{held_comment}/acts +approve                in  404 404 404 404 404 yes 404 yes
POST   /comments/{hidden_comment}/acts +restore              in  404 404 404 404 404 yes 404 yes
POST   /acts/{hiding}/undo                                   in  404 404 404 404 404 yes 404 yes
POST   /acts/{hiding_of_comment}/undo                        in  404 404 404 404 404 yes 404 yes
POST   /acts/{banning}/undo                                  in  404 404 404 404 404 yes 404 yes
POST   /acts/{old_hiding}/undo +json                         in  404 404 404 404 404 409 404 409
GET    /ideas/{idea}/merge                                   in  404 404 404 404 404 yes 404 yes
GET    /ideas/{idea}/merge?into={target}                     in  404 404 404 404 404 yes 404 yes
GET    /ideas/{idea}/merge?into={hidden}                     in  404 404 404 404 404 404 404 404
POST   /ideas/{idea}/merge +merge                            in  404 404 404 404 404 yes 404 yes
POST   /ideas/{idea}/merge +merge_into_berlin                in  404 404 404 404 404 404 404 404
POST   /ideas/{merged}/merge +unmerge                        in  404 404 404 404 404 yes 404 yes
GET    /ideas/{idea}/tags                                    in  404 404 404 404 404 yes 404 yes
POST   /ideas/{idea}/tags +tags                              in  404 404 404 404 404 yes 404 yes
GET    /ideas/{idea}/answer                                  in  404 404 404 404 404 yes 404 yes
POST   /ideas/{idea}/answer +answer                          in  404 404 404 404 404 yes 404 yes
POST   /ideas/{hidden}/answer +answer                        in  404 404 404 404 404 422 404 422
GET    /rotterdam/answers                                    in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/answers +drafts                            in  404 404 404 404 404 yes 404 yes
POST   /berlin/answers +drafts                               in  404 404 404 404 404 404 422 422
GET    /rotterdam/people/{person}                            in  404 404 404 404 404 yes 404 yes
GET    /berlin/people/{verified}                             in  404 404 404 404 404 404 404 404
GET    /rotterdam/people/{stranger}                          in  404 404 404 404 404 404 404 404
POST   /rotterdam/people/{person}/acts +ban                  in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/people/{stranger}/acts +ban                in  404 404 404 404 404 404 404 404
POST   /rotterdam/people/{moderator}/acts +ban               in  404 404 404 404 404 403 404 yes
POST   /rotterdam/people/{their_moderator}/acts +ban         in  404 404 404 404 404 403 404 yes
POST   /rotterdam/people/{organiser}/acts +ban               in  404 404 404 404 404 403 404 403
POST   /rotterdam/people/{banned}/acts +lift_ban             in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/people/{person}/acts +verify               in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/people/{verified}/acts +unverify           in  404 404 404 404 404 yes 404 yes
GET    /rotterdam/alerts/{alert}                             in  404 404 404 404 404 yes 404 yes
GET    /berlin/alerts/{alert}                                in  404 404 404 404 404 404 404 404
GET    /rotterdam/alerts/{item}                              in  404 404 404 404 404 404 404 404
POST   /rotterdam/alerts/{alert}/acts +dismiss               in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/alerts/{alert}/acts +set_aside             in  404 404 404 404 404 yes 404 yes
POST   /acts/{setting_aside}/count-again                     in  404 404 404 404 404 yes 404 yes
POST   /acts/{hiding}/count-again                            in  404 404 404 404 404 404 404 404
"""

ONES_OWN = """
#                                                            nob res exp aut fre lat our oth org
GET    /register                                             yes yes yes yes yes yes yes yes yes
POST   /register                                             422 yes yes yes yes yes yes yes yes
GET    /sign-in                                              yes yes yes yes yes yes yes yes yes
POST   /sign-in                                              422 yes yes yes yes yes yes yes yes
GET    /forgotten-password                                   yes yes yes yes yes yes yes yes yes
POST   /forgotten-password +address                          yes yes yes yes yes yes yes yes yes
GET    /reset-password/guessed                               404 404 404 404 404 404 404 404 404
POST   /reset-password/guessed                               404 404 404 404 404 404 404 404 404
GET    /confirm/guessed                                      404 404 404 404 404 404 404 404 404
POST   /confirm/guessed                                      404 404 404 404 404 404 404 404 404
POST   /confirm                                              in  yes yes yes yes yes yes yes yes
GET    /organiser/guessed                                    404 404 404 404 404 404 404 404 404
POST   /organiser/guessed                                    404 404 404 404 404 404 404 404 404
GET    /unsubscribe/guessed                                  404 404 404 404 404 404 404 404 404
POST   /unsubscribe/guessed                                  404 404 404 404 404 404 404 404 404
GET    /me                                                   in  yes yes yes yes yes yes yes yes
GET    /me/data.json                                         in  yes yes yes yes yes yes yes yes
GET    /me/account                                           in  yes yes yes yes yes yes yes yes
POST   /me/password                                          in  422 422 422 422 422 422 422 422
POST   /me/email                                             in  422 422 422 422 422 422 422 422
GET    /me/notices                                           in  yes yes yes yes yes yes yes yes
GET    /me/notices/{notice}                                  in  404 404 yes 404 404 404 404 404
POST   /me/notices/read +newest                              in  yes yes yes yes yes yes yes yes
POST   /me/notices/mail +mail                                in  yes yes yes yes yes yes yes yes
GET    /me/deletion                                          in  yes yes yes yes yes yes yes yes
POST   /me/deletion +guess                                   in  422 422 422 422 422 422 422 422
POST   /me/deletion +password                                in  yes yes yes yes yes yes yes yes
POST   /sign-out                                             yes yes yes yes yes yes yes yes yes
"""

ORGANISING = """
#                                                            nob res exp aut fre lat our oth org
GET    /organise                                             in  404 404 404 404 404 404 404 yes
POST   /organise/link                                        in  404 404 404 404 404 404 404 yes
GET    /organise/sample                                      in  404 404 404 404 404 404 404 yes
POST   /organise/sample +remove                              in  404 404 404 404 404 404 404 yes
GET    /organise/editions                                    in  404 404 404 404 404 404 404 yes
POST   /organise/editions                                    in  404 404 404 404 404 404 404 422
GET    /organise/editions/{edition}                          in  404 404 404 404 404 404 404 yes
POST   /organise/editions/{edition} +edition                 in  404 404 404 404 404 404 404 yes
POST   /organise/editions/{edition}/current                  in  404 404 404 404 404 404 404 yes
GET    /organise/cities                                      in  404 404 404 404 404 404 404 yes
POST   /organise/cities                                      in  404 404 404 404 404 404 404 422
GET    /organise/cities/rotterdam                            in  404 404 404 404 404 404 404 yes
POST   /organise/cities/rotterdam +city                      in  404 404 404 404 404 404 404 yes
POST   /organise/cities/rotterdam/position +up               in  404 404 404 404 404 404 404 yes
GET    /organise/cities/rotterdam/rules                      in  404 404 404 404 404 404 404 yes
POST   /organise/cities/rotterdam/rules +rules               in  404 404 404 404 404 404 404 yes
GET    /organise/cities/rotterdam/moderators                 in  404 404 404 404 404 404 404 yes
POST   /organise/cities/rotterdam/moderators +appointed      in  404 404 404 404 404 404 404 yes
POST   /organise/cities/rotterdam/moderators/{moderator}/removal in 404 404 404 404 404 404 404 yes
GET    /organise/cities/rotterdam/workshops                  in  404 404 404 404 404 404 404 yes
POST   /organise/cities/rotterdam/workshops                  in  404 404 404 404 404 404 404 422
GET    /organise/cities/rotterdam/workshops/{workshop}       in  404 404 404 404 404 404 404 yes
POST   /organise/cities/rotterdam/workshops/{workshop} +workshop in 404 404 404 404 404 404 404 yes
POST   /organise/cities/rotterdam/workshops/{workshop}/removal in 404 404 404 404 404 404 404 yes
GET    /organise/themes                                      in  404 404 404 404 404 404 404 yes
POST   /organise/themes                                      in  404 404 404 404 404 404 404 422
GET    /organise/themes/{theme}                              in  404 404 404 404 404 404 404 yes
POST   /organise/themes/{theme} +names                       in  404 404 404 404 404 404 404 yes
POST   /organise/themes/{theme}/acts +up                     in  404 404 404 404 404 404 404 yes
GET    /organise/reasons                                     in  404 404 404 404 404 404 404 yes
POST   /organise/reasons                                     in  404 404 404 404 404 404 404 422
GET    /organise/reasons/{reason}                            in  404 404 404 404 404 404 404 yes
POST   /organise/reasons/{reason} +names                     in  404 404 404 404 404 404 404 yes
POST   /organise/reasons/{reason}/acts +up                   in  404 404 404 404 404 404 404 yes
GET    /organise/affiliations                                in  404 404 404 404 404 404 404 yes
POST   /organise/affiliations/{person} +verify_here          in  404 404 404 404 404 404 404 yes
GET    /organise/participants?q=a                            in  404 404 404 404 404 404 404 yes
GET    /organise/participants/{person}                       in  404 404 404 404 404 404 404 yes
POST   /organise/participants/{person}/ban +ban_here         in  404 404 404 404 404 404 404 yes
POST   /organise/participants/{organiser}/ban +ban_here      in  404 404 404 404 404 404 404 403
POST   /organise/participants/{banned}/ban-end +here         in  404 404 404 404 404 404 404 yes
GET    /organise/ideas/{idea}/upvoters                       in  404 404 404 404 404 404 404 yes
GET    /organise/ideas/{withdrawn}/upvoters                  in  404 404 404 404 404 404 404 404
GET    /organise/imports                                     in  404 404 404 404 404 404 404 yes
POST   /organise/imports                                     in  404 404 404 404 404 404 404 422
GET    /organise/imports/guessed                             in  404 404 404 404 404 404 404 404
POST   /organise/imports/guessed                             in  404 404 404 404 404 404 404 404
GET    /organise/imports/guessed/problems.csv                in  404 404 404 404 404 404 404 404
POST   /organise/imports/guessed/removal                     in  404 404 404 404 404 404 404 404
"""

IN_WORKSHOPS = """
#                                                            nob res exp aut fre lat our oth org
GET    /join                                                 yes yes yes yes yes yes yes yes yes
GET    /join?code=WRNGCD                                     422 422 422 422 422 422 422 422 422
GET    /j/WRNGCD                                             404 404 404 404 404 404 404 404 404
GET    /j/{code}                                             yes yes yes yes yes yes yes yes yes
POST   /j/{code}                                             422 yes yes yes yes yes yes yes yes
POST   /j/{code} +newcomer                                   yes yes yes yes yes yes yes yes yes
POST   /j/WRNGCD +newcomer                                   404 404 404 404 404 404 404 404 404
POST   /me/completion +completion                            in  422 422 422 422 422 422 422 422
GET    /complete/guessed                                     404 404 404 404 404 404 404 404 404
POST   /complete/guessed +guess                              404 404 404 404 404 404 404 404 404
GET    /rotterdam/workshops/{voting}/qr.svg                  in  404 404 404 404 404 yes 404 yes
GET    /rotterdam/workshops/{voting}/settings                in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/settings +budget        in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/helpers/{attendee}      in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/helpers/{attendee}/removal in 404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/helpers/{stranger}      in  404 404 404 404 404 404 404 404
GET    /rotterdam/workshops/{voting}/paper                   in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/paper/ideas             in  404 404 404 404 404 422 404 422
POST   /rotterdam/workshops/{voting}/paper/ideas +paper_idea in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/paper/ideas/{idea}/tallies +hands in 404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/paper/ideas/{hidden}/tallies +hands in 404 404 404 404 404 404 404 404
POST   /rotterdam/workshops/{voting}/paper/ideas/{in_berlin}/tallies +hands in 404 404 404 404 404 404 404 404
POST   /rotterdam/workshops/{voting}/paper/tallies/{tally}/removal in 404 404 404 404 404 yes 404 yes
"""

DRIVING = """
#                                                            nob res exp aut fre lat our oth org
GET    /clock                                                yes yes yes yes yes yes yes yes yes
GET    /rotterdam/remote                                     in  404 404 404 404 404 yes 404 yes
GET    /rotterdam/remote?workshop={voting}                   in  404 404 404 404 404 yes 404 yes
GET    /rotterdam/remote?workshop=98                         in  404 404 404 404 404 404 404 404
GET    /rotterdam/workshops/{voting}/room.json               in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{workshop}/opening               in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/phase +reveal           in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/timer +minutes          in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/shows +blank            in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/spotlight +lit          in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/code                    in  404 404 404 404 404 yes 404 yes
GET    /rotterdam/workshops/{voting}/rehearsal               in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/rehearsal               in  404 404 404 404 404 422 404 422
POST   /rotterdam/workshops/{voting}/rehearsal +clearing     in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/workshops/{voting}/following +follows      in  404 404 404 404 404 404 404 404
GET    /rotterdam/screens                                    in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/screens                                    in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/screens +hall                              in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/screens/pairing                            in  404 404 404 404 404 422 404 422
POST   /rotterdam/screens/pairing +shown_code                in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/screens/{screen}/mode +wall                in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/screens/{screen}/revocation                in  404 404 404 404 404 yes 404 yes
POST   /rotterdam/screens/{screen_in_berlin}/mode +wall      in  404 404 404 404 404 404 404 404
POST   /rotterdam/screens/{screen_in_berlin}/revocation      in  404 404 404 404 404 404 404 404
POST   /rotterdam/screens/{revoked}/mode +wall               in  404 404 404 404 404 404 404 404
GET    /screen/                                              yes yes yes yes yes yes yes yes yes
GET    /screen/worker.js                                     yes yes yes yes yes yes yes yes yes
GET    /screen/pairing.json?tv=guessed                       yes yes yes yes yes yes yes yes yes
GET    /screen/{link}                                        yes yes yes yes yes yes yes yes yes
GET    /screen/{link}/state.json                             yes yes yes yes yes yes yes yes yes
GET    /screen/{link}/plain                                  yes yes yes yes yes yes yes yes yes
GET    /screen/{link_in_los_angeles}/state.json              yes yes yes yes yes yes yes yes yes
GET    /screen/{revoked_link}                                404 404 404 404 404 404 404 404 404
GET    /screen/{revoked_link}/state.json                     410 410 410 410 410 410 410 410 410
GET    /screen/{revoked_link}/plain                          404 404 404 404 404 404 404 404 404
GET    /screen/guessed                                       404 404 404 404 404 404 404 404 404
GET    /screen/guessed/state.json                            404 404 404 404 404 404 404 404 404
GET    /screen/guessed/plain                                 404 404 404 404 404 404 404 404 404
"""

LISTENING = """
#                                                            nob res exp aut fre lat our oth org
rotterdam                                                    yes yes yes yes yes yes yes yes yes
rotterdam {idea}                                             yes yes yes yes yes yes yes yes yes
rotterdam {held}                                             no  no  no  no  no  no  no  no  no
rotterdam {hidden}                                           no  no  no  no  no  no  no  no  no
rotterdam {merged}                                           no  no  no  no  no  no  no  no  no
berlin {idea}                                                no  no  no  no  no  no  no  no  no
los-angeles                                                  no  yes yes yes yes no  yes yes yes
los-angeles {members_idea}                                   no  yes yes yes yes no  yes yes yes
rotterdam queue                                              no  no  no  no  no  no  yes no  yes
berlin queue                                                 no  no  no  no  no  no  no  yes yes
los-angeles queue                                            no  no  no  no  no  no  yes no  yes
"""
"""What is watched over the socket. Held and hidden ideas have no topic: their author and moderators read the page."""


@dataclass(frozen=True)
class Row:
    """One act, and what comes of it for each of ROLES."""

    method: str
    path: str
    form: str
    comes: tuple[str, ...]

    def expected(self, role: str) -> str:
        """What is to come of it for this role; who is not (or no longer) signed in is nobody."""
        return self.comes[ROLES.index(role) if role in ROLES else 0]


@dataclass(frozen=True)
class Watching:
    """One topic, and whether it is given out to each of ROLES."""

    city: str
    of: str
    is_queue: bool
    comes: tuple[str, ...]

    def expected(self, role: str) -> bool:
        """Whether this role may listen."""
        return self.comes[ROLES.index(role) if role in ROLES else 0] == "yes"


def _lines(table: str) -> list[list[str]]:
    return [line.split() for line in table.splitlines() if line and not line.startswith("#")]


def _rows(table: str) -> list[Row]:
    rows = []
    for method, path, *rest in _lines(table):
        form = rest.pop(0)[1:] if rest[0].startswith("+") else ""
        rows.append(Row(method, path, form, tuple(rest)))
    return rows


TABLE = [
    row
    for part in (
        READING,
        TAKING_PART,
        ON_OTHER_BOARDS,
        MODERATING,
        ORGANISING,
        ONES_OWN,
        IN_WORKSHOPS,
        DRIVING,
    )
    for row in _rows(part)
]
TOPICS = [
    Watching(city, "".join(of).strip("{}").replace("queue", ""), of == ["queue"], tuple(comes))
    for city, *of, comes in ([*line[: -len(ROLES)], line[-len(ROLES) :]] for line in _lines(LISTENING))
]
